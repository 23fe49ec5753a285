//! The tools that come with the program.

use std::sync::Arc;

use toolwright_calculator::Calculator;
use toolwright_code::{CodeConfig, CodeTool};
use toolwright_datetime::Datetime;
use toolwright_fetch::Fetch;
use toolwright_files::FilesConfig;
use toolwright_memory::Memory;
use toolwright_sandbox::Sandbox;
use toolwright_solve::Solve;
use toolwright_tool::Tool;

use crate::{Toolbox, ToolboxError};

type Tools = Vec<Arc<dyn Tool>>;

/// Tools that are made together.
pub struct Group {
    /// What they are called.
    pub names: &'static [&'static str],
    /// Makes them. The sandbox is shared by all that need one.
    pub make: fn(&Toolbox, &mut Option<Sandbox>) -> Result<Tools, ToolboxError>,
}

/// All of them, in the order in which a model is told of them.
pub const GROUPS: &[Group] = &[
    Group { names: &["calculator"], make: |_, _| Ok(vec![Arc::new(Calculator::new())]) },
    Group { names: &["search"], make: |toolbox, _| Ok(vec![Arc::new(toolbox.search()?)]) },
    Group { names: &["run_python", "run_javascript"], make: code },
    Group { names: &["datetime"], make: |_, _| Ok(vec![Arc::new(Datetime::new(Default::default()))]) },
    Group { names: &["solve"], make: |_, _| Ok(vec![Arc::new(Solve::new())]) },
    Group { names: &["list_files", "read_file", "write_file", "patch_file"], make: files },
    Group { names: &["fetch"], make: |toolbox, _| Ok(vec![Arc::new(Fetch::new(&toolbox.config.fetch)?)]) },
    Group { names: &["remember", "recall", "forget"], make: memory },
];

fn code(toolbox: &Toolbox, sandbox: &mut Option<Sandbox>) -> Result<Tools, ToolboxError> {
    let sandbox = shared(toolbox, sandbox)?;
    let config = CodeConfig { writes_user_folder: toolbox.works_for_the_user(), ..toolbox.config.code.clone() };
    let progress = &toolbox.settings.progress;
    Ok(vec![
        Arc::new(CodeTool::python(sandbox.clone(), config.clone(), Arc::clone(progress))),
        Arc::new(CodeTool::javascript(sandbox, config, Arc::clone(progress))),
    ])
}

fn files(toolbox: &Toolbox, _: &mut Option<Sandbox>) -> Result<Tools, ToolboxError> {
    let config = FilesConfig { user_folder: toolbox.works_for_the_user(), ..toolbox.config.files.clone() };
    Ok(toolwright_files::tools(config))
}

fn memory(toolbox: &Toolbox, _: &mut Option<Sandbox>) -> Result<Tools, ToolboxError> {
    Ok(toolwright_memory::tools(Memory::open(&toolbox.settings.data_dir)?))
}

/// The sandbox, started by the first that needs it.
pub fn shared(toolbox: &Toolbox, sandbox: &mut Option<Sandbox>) -> Result<Sandbox, ToolboxError> {
    match sandbox {
        Some(sandbox) => Ok(sandbox.clone()),
        None => Ok(sandbox.insert(toolbox.sandbox()?).clone()),
    }
}
