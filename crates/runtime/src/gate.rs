//! Who decides whether a call may happen: the policy first, then a person, whose answer may hold for longer than the call.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use toolwright_protocol::{ToolCall, ToolSpec};
use toolwright_tool::{Decision, PermissionPolicy};

/// How long an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For this call.
    Call,
    /// For further calls of this tool in this run.
    Run,
    /// The same, and the approver keeps it for later runs.
    Always,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// Whether the call may happen.
    pub allowed: bool,
    /// And for how long that holds.
    pub scope: Scope,
}

impl Approval {
    /// No, this once.
    pub const DENIED: Self = Self { allowed: false, scope: Scope::Call };
    /// Yes, this once.
    pub const ALLOWED: Self = Self { allowed: true, scope: Scope::Call };
}

/// What a person is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The call, arguments and all.
    pub call: &'a ToolCall,
    /// What the tool declares.
    pub spec: &'a ToolSpec,
    /// Whether a tool's output stands in the context before the call, so that the call may be that text's idea.
    pub after_untrusted: bool,
}

/// Answers the question of [`Decision::Ask`]. Where no person is there to ask, [`DenyAll`] stands in.
pub trait Approver: Send + Sync {
    /// Whether the call may happen.
    fn approve(&self, question: Question<'_>) -> Approval;
}

/// The approver of a run that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct DenyAll;

impl Approver for DenyAll {
    fn approve(&self, _: Question<'_>) -> Approval {
        Approval::DENIED
    }
}

/// The policy, the approver, and what was answered for the whole run.
pub(crate) struct Gate {
    policy: PermissionPolicy,
    approver: Arc<dyn Approver>,
    /// By tool, and by whether untrusted text stood before the call: who allowed a tool before any such text was read
    /// has not allowed what that text may make of it.
    answered: Mutex<BTreeMap<(String, bool), bool>>,
}

impl Gate {
    pub fn new(policy: PermissionPolicy, approver: Arc<dyn Approver>) -> Self {
        Self { policy, approver, answered: Mutex::default() }
    }

    /// Whether the call may happen.
    pub fn passes(&self, call: &ToolCall, spec: &ToolSpec, after_untrusted: bool) -> bool {
        match self.policy.decide(spec, after_untrusted) {
            Decision::Allow => true,
            Decision::Deny => false,
            Decision::Ask => self.ask(call, spec, after_untrusted),
        }
    }

    fn ask(&self, call: &ToolCall, spec: &ToolSpec, after_untrusted: bool) -> bool {
        let key = (call.name.clone(), after_untrusted);
        // Held while the person thinks, so that two calls at once do not ask the same twice.
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&allowed) = answered.get(&key) {
            return allowed;
        }
        let approval = self.approver.approve(Question { call, spec, after_untrusted });
        if approval.scope != Scope::Call {
            answered.insert(key, approval.allowed);
        }
        approval.allowed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toolwright_protocol::{CallId, Effect};

    use super::*;

    /// Gives its answers in order, and counts how often it was asked.
    struct Person(Mutex<Vec<Approval>>);

    impl Approver for Person {
        fn approve(&self, _: Question<'_>) -> Approval {
            self.0.lock().unwrap().remove(0)
        }
    }

    fn yes(scope: Scope) -> Approval {
        Approval { allowed: true, scope }
    }

    #[test]
    fn an_answer_holds_for_its_scope_and_not_across_untrusted_text() {
        let spec = ToolSpec {
            name: "send".into(),
            description: String::new(),
            parameters: json!({ "type": "object" }),
            effects: vec![Effect::Network],
        };
        let call = ToolCall { id: CallId(1), name: "send".into(), arguments: json!({}) };
        let answers =
            vec![yes(Scope::Call), yes(Scope::Run), Approval { allowed: false, scope: Scope::Run }, Approval::DENIED];
        let person = Arc::new(Person(Mutex::new(answers)));
        let gate = Gate::new(PermissionPolicy::default(), person.clone());
        let left = || person.0.lock().unwrap().len();
        assert!(gate.passes(&call, &spec, false));
        assert!(gate.passes(&call, &spec, false) && left() == 2, "the first answer held for one call");
        assert!(gate.passes(&call, &spec, false) && left() == 2, "the second holds for the run");
        assert!(!gate.passes(&call, &spec, true) && left() == 1, "but not for calls after untrusted text");
        assert!(!gate.passes(&call, &spec, true) && left() == 1, "and a denial is remembered as well");
    }
}
