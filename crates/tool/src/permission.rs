use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toolwright_protocol::{Effect, ToolSpec};

/// What a policy says of a call. Ordered by strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Goes ahead.
    Allow,
    /// A person decides; where none is there, it is a denial.
    Ask,
    /// Does not happen.
    Deny,
}

/// Which calls may happen: by tool name where one is given, else by the strictest of the tool's effects.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PermissionPolicy {
    /// By effect. A tool without effects is always allowed unless its name says otherwise.
    pub effects: BTreeMap<Effect, Decision>,
    /// By tool name; wins over the effects, but never over the rule on untrusted text.
    pub tools: BTreeMap<String, Decision>,
}

impl Default for PermissionPolicy {
    fn default() -> Self {
        let effects = [
            (Effect::Reads, Decision::Allow),
            (Effect::Writes, Decision::Ask),
            (Effect::Network, Decision::Ask),
            (Effect::Spends, Decision::Ask),
        ];
        Self { effects: effects.into(), tools: BTreeMap::new() }
    }
}

impl PermissionPolicy {
    /// Judges a call. `after_untrusted` says that a tool's output stands in the context before the call: then a call
    /// with effects beyond reading is asked about even where it is allowed, since what a tool said has no authority.
    #[must_use]
    pub fn decide(&self, spec: &ToolSpec, after_untrusted: bool) -> Decision {
        let by_effect = spec
            .effects
            .iter()
            .map(|effect| self.effects.get(effect).copied().unwrap_or(Decision::Ask))
            .max()
            .unwrap_or(Decision::Allow);
        let decision = self.tools.get(&spec.name).copied().unwrap_or(by_effect);
        let has_consequences = spec.effects.iter().any(|effect| *effect != Effect::Reads);
        if after_untrusted && has_consequences { decision.max(Decision::Ask) } else { decision }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(effects: &[Effect]) -> ToolSpec {
        ToolSpec { name: "t".into(), description: String::new(), parameters: json!({}), effects: effects.to_vec() }
    }

    #[test]
    fn the_strictest_effect_decides_and_a_name_overrides() {
        let mut policy = PermissionPolicy::default();
        assert_eq!(policy.decide(&tool(&[]), true), Decision::Allow);
        assert_eq!(policy.decide(&tool(&[Effect::Reads]), true), Decision::Allow);
        assert_eq!(policy.decide(&tool(&[Effect::Reads, Effect::Writes]), false), Decision::Ask);
        policy.tools.insert("t".into(), Decision::Allow);
        assert_eq!(policy.decide(&tool(&[Effect::Writes]), false), Decision::Allow);
        policy.tools.insert("t".into(), Decision::Deny);
        assert_eq!(policy.decide(&tool(&[]), false), Decision::Deny);
    }

    #[test]
    fn effects_after_untrusted_text_are_asked_about_even_when_allowed() {
        let mut policy = PermissionPolicy::default();
        policy.tools.insert("t".into(), Decision::Allow);
        assert_eq!(policy.decide(&tool(&[Effect::Network]), true), Decision::Ask);
        assert_eq!(policy.decide(&tool(&[Effect::Network]), false), Decision::Allow);
    }
}
