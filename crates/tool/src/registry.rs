use std::sync::Arc;

use toolwright_protocol::ToolSpec;

use crate::Tool;

/// Why a tool cannot be registered or selected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two tools of one name.
    #[error("there is already a tool named `{0}`; rename one of them")]
    Duplicate(String),
    /// A name that a call could not carry.
    #[error("`{0}` is not a tool name: it must match [A-Za-z_][A-Za-z0-9_-]* and have at most 64 characters")]
    BadName(String),
    /// The schema is not an object schema.
    #[error("the parameters of tool `{0}` must be a JSON Schema of \"type\": \"object\"")]
    BadSchema(String),
    /// Asked for by name, but not there.
    #[error("there is no tool named `{name}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

/// Whether a call could carry this name: `[A-Za-z_][A-Za-z0-9_-]*`, at most 64 characters.
#[must_use]
pub fn is_tool_name(name: &str) -> bool {
    let mut letters = name.chars();
    let starts_well = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts_well && name.len() <= 64 && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The tools of a run, in the order in which the model is told of them.
#[derive(Clone, Default)]
pub struct ToolRegistry {
    tools: Vec<Arc<dyn Tool>>,
}

impl ToolRegistry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// On a name that is taken or malformed, and on parameters that are no object schema.
    pub fn register(&mut self, tool: Arc<dyn Tool>) -> Result<(), RegistryError> {
        let spec = tool.spec();
        if !is_tool_name(&spec.name) {
            return Err(RegistryError::BadName(spec.name.clone()));
        }
        if spec.parameters.get("type").and_then(|t| t.as_str()) != Some("object") {
            return Err(RegistryError::BadSchema(spec.name.clone()));
        }
        if self.get(&spec.name).is_some() {
            return Err(RegistryError::Duplicate(spec.name.clone()));
        }
        self.tools.push(tool);
        Ok(())
    }

    /// The tool of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.iter().find(|tool| tool.spec().name == name)
    }

    /// The specs, in order.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.tools.iter().map(|tool| tool.spec().clone()).collect()
    }

    /// Whether there is no tool.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Only the tools of these names, in the order given.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] on a name that is not registered, [`RegistryError::Duplicate`] on one given twice.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, RegistryError> {
        let mut chosen = Self::new();
        for name in names {
            let name = name.as_ref();
            let tool = self.get(name).ok_or_else(|| RegistryError::Unknown {
                name: name.to_owned(),
                known: self.tools.iter().map(|t| t.spec().name.as_str()).collect::<Vec<_>>().join(", "),
            })?;
            chosen.register(Arc::clone(tool))?;
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use serde_json::{Value, json};

    use super::*;
    use crate::{CallContext, ToolError, ToolOutput};

    struct Named(ToolSpec);

    #[async_trait]
    impl Tool for Named {
        fn spec(&self) -> &ToolSpec {
            &self.0
        }
        async fn call(&self, _: &Value, _: &CallContext) -> Result<ToolOutput, ToolError> {
            Ok(self.0.name.clone().into())
        }
    }

    fn named(name: &str, kind: &str) -> Arc<dyn Tool> {
        let parameters = json!({ "type": kind });
        Arc::new(Named(ToolSpec { name: name.into(), description: String::new(), parameters, effects: Vec::new() }))
    }

    #[test]
    fn refuses_what_a_call_could_not_name() {
        let mut registry = ToolRegistry::new();
        for bad in ["", "1st", "a b", "x\n", "é", "</tool_call>", &"x".repeat(65)] {
            assert_eq!(registry.register(named(bad, "object")), Err(RegistryError::BadName(bad.into())));
        }
        assert_eq!(registry.register(named("ok", "array")), Err(RegistryError::BadSchema("ok".into())));
        registry.register(named("ok", "object")).unwrap();
        assert_eq!(registry.register(named("ok", "object")), Err(RegistryError::Duplicate("ok".into())));
    }

    #[test]
    fn selects_in_the_order_asked() {
        let mut registry = ToolRegistry::new();
        for name in ["a", "b", "c"] {
            registry.register(named(name, "object")).unwrap();
        }
        let names: Vec<_> = registry.select(&["c", "a"]).unwrap().specs().into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["c", "a"]);
        let error = registry.select(&["d"]).err().unwrap();
        assert_eq!(error.to_string(), "there is no tool named `d`; there are: a, b, c");
    }
}
