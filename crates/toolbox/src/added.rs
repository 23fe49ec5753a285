//! The tools that were added: components with a manifest, and plugins described by an OpenAPI document.

use std::{path::PathBuf, sync::Arc};

use toolwright_openapi::{OpenApiPlugin, Secrets};
use toolwright_plugins::{MANIFEST, Manifest, PluginTool, ToolStore};
use toolwright_sandbox::Sandbox;
use toolwright_tool::Tool;

use crate::{Toolbox, ToolboxError, builtin};

/// What lies in the folder of added tools. What is wrong there is left out and told; it must not take the rest with it.
pub struct Added {
    components: Vec<(String, PathBuf)>,
    operations: Vec<Arc<dyn Tool>>,
    problems: Vec<String>,
}

impl Added {
    /// Reads every manifest and document. `secrets` reads the credentials of plugins, when they are called.
    #[must_use]
    pub fn look(store: &ToolStore, secrets: &Arc<dyn Secrets>) -> Self {
        let mut added = Self { components: Vec::new(), operations: Vec::new(), problems: Vec::new() };
        let markers: Vec<_> = [MANIFEST].iter().chain(toolwright_openapi::DOCUMENTS).copied().collect();
        for folder in store.folders_with_any(&markers) {
            if toolwright_openapi::is_plugin(&folder) {
                match OpenApiPlugin::open(&folder, Arc::clone(secrets)) {
                    Ok(plugin) => plugin.tools().iter().for_each(|tool| added.add_operation(tool)),
                    Err(error) => added.problems.push(error.to_string()),
                }
                continue;
            }
            match Manifest::read(&folder) {
                Ok(manifest) if added.is_taken(&manifest.name) => added.refuse(&manifest.name),
                Ok(manifest) => added.components.push((manifest.name, folder)),
                Err(error) => added.problems.push(error.to_string()),
            }
        }
        added
    }

    fn add_operation(&mut self, tool: &Arc<dyn Tool>) {
        let name = &tool.spec().name;
        if self.is_taken(name) { self.refuse(name) } else { self.operations.push(Arc::clone(tool)) }
    }

    fn is_taken(&self, name: &str) -> bool {
        let builtin = builtin::GROUPS.iter().any(|group| group.names.contains(&name));
        builtin || self.names().any(|known| known == name)
    }

    fn refuse(&mut self, name: &str) {
        self.problems.push(format!("there is already a tool `{name}`; the added one of that name is left out"));
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let components = self.components.iter().map(|(name, _)| name.clone());
        components.chain(self.operations.iter().map(|tool| tool.spec().name.clone()))
    }

    /// What was left out, and why.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    pub(crate) fn make(
        &self,
        toolbox: &Toolbox,
        sandbox: &mut Option<Sandbox>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Arc<dyn Tool>>, ToolboxError> {
        let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
        for (_, folder) in self.components.iter().filter(|(name, _)| wanted(name)) {
            let sandbox = builtin::shared(toolbox, sandbox)?;
            tools.push(Arc::new(PluginTool::open(folder, sandbox, toolbox.works_for_the_user())?));
        }
        tools.extend(self.operations.iter().filter(|tool| wanted(&tool.spec().name)).cloned());
        Ok(tools)
    }
}
