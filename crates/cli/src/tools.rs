//! `toolwright tools`: list them, try one by hand, add those of others.

use std::{io::Read as _, io::Write, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use toolwright_protocol::{Budget, CallId, Observation, ObservationStatus, ToolCall, ToolSpec};
use toolwright_runtime::{DenyAll, Dispatcher, Folders};
use toolwright_tool::{Decision, PermissionPolicy};
use toolwright_toolbox::Workspace;

use crate::{
    Usage,
    args::{ToolsArgs, ToolsCommand, TryArgs},
    exit::Exit,
    places::Places,
    plugins,
    style::{BAD, BOLD, DIM, harmless, paint},
    toolbox, trace,
};

/// `toolwright tools …`.
///
/// # Errors
/// On wrong input, and where a tool cannot be opened or the output cannot be written.
pub async fn command(args: ToolsArgs, places: &Places, out: &mut (dyn Write + Send)) -> Result<Exit> {
    match args.command {
        None => list(args.json, places, out).map(|()| Exit::Ok),
        Some(ToolsCommand::List { json }) => list(json, places, out).map(|()| Exit::Ok),
        Some(ToolsCommand::Try(args)) => attempt(args, places, out).await,
        Some(ToolsCommand::Add { folder, replace }) => {
            plugins::add(&folder, replace, places, out).await.map(|()| Exit::Ok)
        }
        Some(ToolsCommand::Check { folder }) => plugins::check(folder.as_deref(), places, out).await,
        Some(ToolsCommand::Remove { name }) => plugins::remove(&name, &places.data, out).map(|()| Exit::Ok),
    }
}

fn list(as_json: bool, places: &Places, out: &mut dyn Write) -> Result<()> {
    let toolbox = toolbox::open(places)?;
    let specs = toolbox.named(&toolbox.names())?.specs();
    if as_json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&specs)?)?);
    }
    for spec in specs {
        writeln!(out, "{}({})", paint(BOLD, &spec.name), parameters(&spec).join(", "))?;
        writeln!(out, "    {}", harmless(spec.description.trim()).replace('\n', "\n    "))?;
        let effects = if spec.effects.is_empty() { "none".to_owned() } else { effects(&spec) };
        writeln!(out, "    {}", paint(DIM, format!("effects: {effects}")))?;
    }
    for problem in toolbox.problems() {
        writeln!(anstream::stderr(), "{} {}", paint(BAD, "left out:"), harmless(problem))?;
    }
    Ok(())
}

/// What its calls may do, in words.
pub fn effects(spec: &ToolSpec) -> String {
    let names: Vec<_> = spec.effects.iter().map(|effect| format!("{effect:?}").to_lowercase()).collect();
    names.join(", ")
}

fn parameters(spec: &ToolSpec) -> Vec<&str> {
    spec.parameters["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// One call through the same dispatcher that runs use. Whoever types it has decided that it may happen.
async fn attempt(args: TryArgs, places: &Places, out: &mut dyn Write) -> Result<Exit> {
    let arguments = arguments(&args.arguments)?;
    let given = toolbox::workspace(args.workspace)?;
    let whose = if given.is_some() { Workspace::OfTheUser } else { Workspace::OfTheRun };
    let registry = toolbox::named(&toolbox::open_for(places, whose)?, &[&args.name])?;
    let spec = registry.specs().remove(0);
    let mut folders = Folders::inside(&places.data.join("try"));
    if let Some(workspace) = given {
        folders.workspace = workspace;
    }
    let mut policy = PermissionPolicy::default();
    policy.tools.insert(args.name.clone(), Decision::Allow);
    let budget = Budget { call_deadline: Duration::from_secs_f32(args.deadline), ..Budget::default() };
    let dispatcher = Dispatcher::new(registry, policy, Arc::new(DenyAll), budget, folders, 0)?;
    dispatcher.check(&args.name, &arguments).map_err(|why| Usage(format!("{why}\n{}", usage(&spec))))?;
    let call = ToolCall { id: CallId(1), name: args.name, arguments };
    let cancel = CancellationToken::new();
    let observation = tokio::select! {
        observation = dispatcher.dispatch(&call, false, &cancel) => observation?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Cancelled),
    };
    show(&observation, args.json, out)?;
    Ok(if observation.status == ObservationStatus::Ok { Exit::Ok } else { Exit::Failed })
}

fn arguments(given: &str) -> Result<Value> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        let read = std::io::stdin().lock().take(16 << 20).read_to_string(&mut text);
        read.context("cannot read the arguments from standard input")?;
    }
    match serde_json::from_str(&text) {
        Ok(arguments @ Value::Object(_)) => Ok(arguments),
        Ok(_) => bail!(Usage("the arguments must be a JSON object, such as '{\"expression\": \"2+3\"}'".into())),
        Err(error) => {
            bail!(Usage(format!("the arguments are no JSON ({error}); quote them: '{{\"name\": \"value\"}}'")))
        }
    }
}

/// What the tool takes, one argument a line.
fn usage(spec: &ToolSpec) -> String {
    let required: Vec<_> = spec.parameters["required"].as_array().into_iter().flatten().collect();
    let lines = spec.parameters["properties"].as_object().into_iter().flatten().map(|(name, schema)| {
        let kind = schema["enum"].as_array().map_or_else(
            || schema["type"].as_str().unwrap_or("any").to_owned(),
            |values| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "),
        );
        let need = if required.iter().any(|required| *required == name) { "" } else { ", optional" };
        format!("  {name} ({kind}{need}) {}", schema["description"].as_str().unwrap_or(""))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn show(observation: &Observation, as_json: bool, out: &mut dyn Write) -> Result<()> {
    if as_json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(observation)?)?);
    }
    writeln!(out, "{}", harmless(observation.content.trim_end()))?;
    let mut note = format!("({}", trace::duration(observation.elapsed));
    if let Some(path) = &observation.spilled_to {
        note.push_str(&format!("; the whole output: {path}"));
    }
    writeln!(anstream::stderr(), "{}", paint(DIM, note + ")"))?;
    Ok(())
}
