//! The arguments of what is about tools.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What tools may reach in this run.
#[derive(Debug, Args)]
#[command(next_help_heading = "What tools may reach")]
pub struct ReachArgs {
    /// A folder of yours that tools work in [default: one of the run's own]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,

    /// Tools or effects (reads, writes, network, spends) that need no asking in this run, comma-separated
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub allow: Vec<String>,

    /// Tools or effects that are refused in this run, comma-separated; wins over --allow
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub deny: Vec<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ToolsArgs {
    /// Print the full specs as JSON
    #[arg(long)]
    pub json: bool,

    #[command(subcommand)]
    pub command: Option<ToolsCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ToolsCommand {
    /// List the tools and what they take
    List {
        /// Print the full specs as JSON
        #[arg(long)]
        json: bool,
    },
    /// Call a tool by hand and print its result
    Try(TryArgs),
    /// Add a tool by others: a folder with tool.toml and a component, or with an OpenAPI document
    Add {
        /// The folder
        folder: PathBuf,
        /// Take the place of an added tool of the same name
        #[arg(long)]
        replace: bool,
    },
    /// Look whether a tool's folder, or every added tool, is in order
    Check {
        /// The folder [default: all that were added]
        folder: Option<PathBuf>,
    },
    /// Remove a tool that was added
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct TryArgs {
    /// The tool
    pub name: String,

    /// The arguments as a JSON object; `-` reads it from standard input
    #[arg(default_value = "{}")]
    pub arguments: String,

    /// The folder that the tool works in [default: one that is kept between tries]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,

    /// Seconds that the call may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = super::positive)]
    pub deadline: f32,

    /// Print the observation as JSON, with what the tool has to say to programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum IndexCommand {
    /// Add files and folders, or bring them up to date
    Add {
        /// Text, Markdown, HTML, PDF, source code; folders with all they hold
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// What is in it
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take files and folders out
    Remove {
        /// As they were added
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Make it anew from the files it was made from
    Rebuild,
    /// Search it as the tool does
    Search {
        /// What for
        query: String,
        /// How many passages
        #[arg(short = 'n', long, default_value_t = 5)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum MemoryCommand {
    /// Every fact, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget one
    Forget {
        /// Its number
        id: i64,
    },
    /// Forget all
    Clear {
        /// Without asking
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum PermissionsCommand {
    /// What holds now
    List,
    /// Keep a decision for later runs
    Set {
        /// A tool, or an effect: reads, writes, network, spends
        name: String,
        /// allow, ask or deny
        decision: String,
    },
    /// Back to the default
    Reset {
        /// A tool or an effect [default: everything]
        name: Option<String>,
    },
}
