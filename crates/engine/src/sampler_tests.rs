use super::*;

fn frequencies(config: SamplerConfig, logits: &[f32], mask: Option<&TokenMask>) -> Vec<f64> {
    let draws = 40_000;
    let mut sampler = Sampler::new(config);
    let mut counts = vec![0usize; logits.len()];
    for _ in 0..draws {
        counts[sampler.sample(logits, &[], mask).unwrap() as usize] += 1;
    }
    counts.into_iter().map(|count| count as f64 / f64::from(draws)).collect()
}

fn warm() -> SamplerConfig {
    SamplerConfig { temperature: 1.0, seed: 7, ..SamplerConfig::default() }
}

/// The standard deviation of a frequency over 40,000 draws is at most 0.0025; the seed is fixed.
#[track_caller]
fn assert_close(actual: &[f64], expected: &[f64]) {
    let close = actual.iter().zip(expected).all(|(a, e)| if *e == 0.0 { *a == 0.0 } else { (a - e).abs() < 0.01 });
    assert!(close && actual.len() == expected.len(), "{actual:?} against {expected:?}");
}

const P: [f32; 4] = [0.1, 0.5, 0.15, 0.25];

fn logits() -> Vec<f32> {
    P.iter().map(|p| p.ln() + 3.0).collect()
}

#[test]
fn draws_follow_the_softmax() {
    assert_close(&frequencies(warm(), &logits(), None), &[0.1, 0.5, 0.15, 0.25]);
    // At temperature 1/2 probabilities are squared: 0.01, 0.25, 0.0225, 0.0625 of 0.345.
    let cold = SamplerConfig { temperature: 0.5, ..warm() };
    assert_close(&frequencies(cold, &logits(), None), &[0.029, 0.725, 0.065, 0.181]);
}

#[test]
fn filters_cut_and_renormalise() {
    let top_k = SamplerConfig { top_k: 2, ..warm() };
    assert_close(&frequencies(top_k, &logits(), None), &[0.0, 2.0 / 3.0, 0.0, 1.0 / 3.0]);
    // 0.5 alone is not 0.6; 0.5 + 0.25 is.
    let top_p = SamplerConfig { top_p: 0.6, ..warm() };
    assert_close(&frequencies(top_p, &logits(), None), &[0.0, 2.0 / 3.0, 0.0, 1.0 / 3.0]);
    // At least 0.28 × 0.5 = 0.14.
    let min_p = SamplerConfig { min_p: 0.28, ..warm() };
    assert_close(&frequencies(min_p, &logits(), None), &[0.0, 5.0 / 9.0, 1.5 / 9.0, 2.5 / 9.0]);
    let tiny = SamplerConfig { top_p: 0.0001, ..warm() };
    assert_close(&frequencies(tiny, &logits(), None), &[0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn the_mask_comes_first() {
    // The likeliest token is out before top-k counts.
    let mask = TokenMask::all_but(4, &[1]);
    let top_k = SamplerConfig { top_k: 2, ..warm() };
    assert_close(&frequencies(top_k, &logits(), Some(&mask)), &[0.0, 0.0, 0.375, 0.625]);
    let greedy = SamplerConfig::default();
    assert_eq!(Sampler::new(greedy.clone()).sample(&logits(), &[], Some(&mask)), Ok(3));
    assert_eq!(Sampler::new(greedy).sample(&logits(), &[], Some(&TokenMask::only(4, &[0, 2]))), Ok(2));
}

#[test]
fn greedy_takes_the_first_of_equals() {
    assert_eq!(Sampler::new(SamplerConfig::default()).sample(&[0.0, 2.0, 2.0], &[], None), Ok(1));
}

#[test]
fn repetition_is_penalised_within_the_window() {
    let config = SamplerConfig { repetition_penalty: 2.0, repetition_window: 2, ..SamplerConfig::default() };
    let mut sampler = Sampler::new(config);
    let logits = [3.0, 2.0, -1.0];
    assert_eq!(sampler.sample(&logits, &[0, 2, 2], None), Ok(0), "token 0 lies outside the window");
    assert_eq!(sampler.sample(&logits, &[0, 2], None), Ok(1));
    assert_eq!(sampler.sample(&[-1.5, -1.0], &[1], None), Ok(0), "a negative logit sinks");
}

#[test]
fn bad_input_is_refused() {
    let mut sampler = Sampler::new(SamplerConfig::default());
    assert!(matches!(sampler.sample(&[0.0, f32::NAN], &[], None), Err(SamplerError::BadLogit { token: 1, .. })));
    assert!(matches!(sampler.sample(&[f32::INFINITY], &[], None), Err(SamplerError::BadLogit { token: 0, .. })));
    let none = TokenMask::only(2, &[]);
    assert_eq!(
        sampler.sample(&[0.0, 1.0], &[], Some(&none)),
        Err(SamplerError::NothingAllowed { allowed: 0, logits: 2 })
    );
    assert!(matches!(sampler.sample(&[f32::NEG_INFINITY], &[], None), Err(SamplerError::NothingAllowed { .. })));
    assert!(matches!(sampler.sample(&[], &[], None), Err(SamplerError::NothingAllowed { .. })));
    // Padding of the logits beyond the vocabulary is not allowed by any mask.
    assert_eq!(sampler.sample(&[0.0, 1.0, 9.0], &[], Some(&TokenMask::all_but(2, &[]))), Ok(1));
    for config in [
        SamplerConfig { temperature: -1.0, ..warm() },
        SamplerConfig { temperature: f32::NAN, ..warm() },
        SamplerConfig { top_p: 0.0, ..warm() },
        SamplerConfig { min_p: 1.5, ..warm() },
        SamplerConfig { repetition_penalty: 0.0, ..warm() },
    ] {
        assert!(matches!(Sampler::new(config).sample(&[0.0], &[], None), Err(SamplerError::Setting { .. })));
    }
}

#[test]
fn a_restored_sampler_draws_the_same() {
    let mut sampler = Sampler::new(warm());
    let draw =
        |sampler: &mut Sampler| (0..20).map(|_| sampler.sample(&logits(), &[], None).unwrap()).collect::<Vec<_>>();
    draw(&mut sampler);
    let state = sampler.state();
    let first = draw(&mut sampler);
    let mut other = Sampler::new(SamplerConfig { seed: 99, ..warm() });
    other.restore(state);
    assert_eq!(draw(&mut other), first);
    sampler.restore(state);
    assert_eq!(draw(&mut sampler), first);
}
