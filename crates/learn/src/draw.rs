use rand::{Rng as _, RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

/// All chance of an episode.
#[derive(Debug, Clone)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The chance of one episode: number `index` of the source `name` under `seed`.
    #[must_use]
    pub fn new(seed: u64, name: &str, index: u64) -> Self {
        use sha2::{Digest as _, Sha256};
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(index.to_le_bytes());
        hash.update(name.as_bytes());
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits: what a double holds.
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An integer from `low` to `high`, both included; `low` where they are the wrong way round.
    pub fn int(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }

    /// A number from `low` to `high`.
    pub fn real(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// One of them. There must be one.
    ///
    /// # Panics
    /// On an empty slice: the tables here are never empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.random_range(0..from.len())]
    }

    /// One of a list that is written as one text, the parts separated by `|`.
    pub fn of<'a>(&mut self, list: &'a str) -> &'a str {
        let count = list.split('|').count();
        let at = self.0.random_range(0..count);
        list.split('|').nth(at).unwrap_or_default()
    }

    /// The index of a weight, drawn in proportion to it.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// `count` different ones in random order; all where there are fewer.
    pub fn sample<'a, T>(&mut self, from: &'a [T], count: usize) -> Vec<&'a T> {
        let mut all: Vec<&T> = from.iter().collect();
        all.shuffle(&mut self.0);
        all.truncate(count);
        all
    }

    /// The same in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_differs() {
        let numbers = |seed, name, index| {
            let mut draw = Draw::new(seed, name, index);
            (0..20).map(|_| draw.int(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1, "calc", 7), numbers(1, "calc", 7));
        for other in [numbers(2, "calc", 7), numbers(1, "word", 7), numbers(1, "calc", 8)] {
            assert_ne!(numbers(1, "calc", 7), other);
        }
    }

    #[test]
    fn weights_and_chances_are_kept() {
        let mut draw = Draw::new(1, "test", 0);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[draw.weighted(&[1.0, 0.0, 2.0])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((9_000..11_000).contains(&counts[0]), "{counts:?}");
        let hits = (0..10_000).filter(|_| draw.chance(0.2)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| (3..=5).contains(&draw.int(3, 5))));
        assert_eq!(draw.sample(&[1, 2, 3], 5).len(), 3);
        assert!((0..50).all(|_| ["a", "b c"].contains(&draw.of("a|b c"))));
    }
}
