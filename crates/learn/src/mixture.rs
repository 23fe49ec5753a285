//! Several sources in proportion.

use crate::{
    Draw, Episode, Names,
    sources::{Offered, Source},
};

/// How often a draw that leads nowhere is drawn again.
const PATIENCE: u32 = 200;

/// Sources with their shares.
pub struct Mixture {
    sources: Vec<Box<dyn Source>>,
    weights: Vec<f64>,
    tools: Offered,
}

impl Mixture {
    /// Of these sources; shares need not add up to 1, and those of 0 are left out.
    #[must_use]
    pub fn new(shares: Vec<(f64, Box<dyn Source>)>, tools: Offered) -> Self {
        let (weights, sources) = shares.into_iter().filter(|(weight, _)| *weight > 0.0).unzip();
        Self { sources, weights, tools }
    }

    /// Episode number `index` under `seed`, which depends on nothing else; `None` where its source makes none.
    #[must_use]
    pub fn episode(&self, seed: u64, index: u64, names: Names) -> Option<Episode> {
        let mut draw = Draw::new(seed, "mixture", index);
        for _ in 0..PATIENCE {
            let source = self.sources.get(draw.weighted(&self.weights))?;
            if let Some(episode) = source.episode(&self.tools, names, &mut draw) {
                return Some(episode);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, sources::Written};

    #[test]
    fn sources_are_met_in_proportion_and_every_episode_can_be_made_again() {
        let direct = |text: &str| -> Entry {
            serde_json::from_value(serde_json::json!({ "kind": "direct", "text": text, "answer": "Yes." })).unwrap()
        };
        let source = |name, text| -> Box<dyn Source> { Box::new(Written::new(name, [direct(text)])) };
        let shares = vec![(3.0, source("a", "A?")), (1.0, source("b", "B?")), (0.0, source("c", "C?"))];
        let mixture = Mixture::new(shares, Offered::default());
        let episodes: Vec<_> = (0..2000).map(|index| mixture.episode(5, index, Names::Trained).unwrap()).collect();
        let of_a = episodes.iter().filter(|episode| episode.source == "a").count();
        assert!((1400..1600).contains(&of_a), "{of_a}");
        assert!(episodes.iter().all(|episode| episode.source != "c"));
        assert_eq!(episodes[77], mixture.episode(5, 77, Names::Trained).unwrap());
        assert!(Mixture::new(Vec::new(), Offered::default()).episode(1, 1, Names::Trained).is_none());
    }
}
