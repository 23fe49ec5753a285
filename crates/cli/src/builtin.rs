//! The tools that come with the program, in the order in which a model is told of them.

use std::{io::Write, sync::Arc};

use anyhow::Result;
use toolwright_calculator::Calculator;
use toolwright_tool::{RegistryError, ToolRegistry};

use crate::{
    args::ToolsArgs,
    style::{BOLD, DIM, paint},
};

/// All of them.
///
/// # Errors
/// Never, unless two tools were given one name.
pub fn tools() -> Result<ToolRegistry, RegistryError> {
    let mut registry = ToolRegistry::new();
    registry.register(Arc::new(Calculator::new()))?;
    Ok(registry)
}

/// `toolwright tools`.
///
/// # Errors
/// When the output cannot be written.
pub fn list(args: &ToolsArgs, out: &mut dyn Write) -> Result<()> {
    let specs = tools()?.specs();
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&specs)?)?);
    }
    for spec in specs {
        let parameters = spec.parameters["properties"].as_object();
        let parameters: Vec<_> = parameters.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        writeln!(out, "{}({})", paint(BOLD, &spec.name), parameters.join(", "))?;
        writeln!(out, "    {}", spec.description.trim().replace('\n', "\n    "))?;
        let effects: Vec<_> = spec.effects.iter().map(|effect| format!("{effect:?}").to_lowercase()).collect();
        let effects = if effects.is_empty() { "none".to_owned() } else { effects.join(", ") };
        writeln!(out, "    {}", paint(DIM, format!("effects: {effects}")))?;
    }
    Ok(())
}
