//! Where episodes come from: one source for each kind of conversation.

mod chats;
mod code;
mod dates;
mod foreign;
pub mod gsm;
mod lookups;
mod plans;
mod reading;
mod relations;
mod sums;
mod written;

pub use chats::{Chats, Inlines};
pub use code::{Code, Ran};
pub use dates::Dates;
pub use foreign::Foreign;
pub use lookups::Lookups;
pub use plans::{Checks, Plans};
pub use reading::Readings;
pub use relations::Relations;
pub use sums::Sums;
use toolwright_protocol::ToolSpec;
pub use written::Written;

use crate::{Draw, Episode, Names};

/// Makes episodes of one kind.
pub trait Source: Send + Sync {
    /// Its name, in mixtures and reports.
    fn name(&self) -> &'static str;

    /// An episode; `None` where this draw leads nowhere, and another is to be drawn.
    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode>;
}

/// The tools of the program as a model is told of them.
#[derive(Debug, Clone, Default)]
pub struct Offered {
    /// What a run offers if nothing is said.
    common: Vec<ToolSpec>,
    others: Vec<ToolSpec>,
}

impl Offered {
    /// Of these specs, in the order in which a model is told of them.
    #[must_use]
    pub fn new(common: Vec<ToolSpec>, others: Vec<ToolSpec>) -> Self {
        Self { common, others }
    }

    /// The tool of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ToolSpec> {
        self.common.iter().chain(&self.others).find(|spec| spec.name == name)
    }

    /// A list with the tool that is needed, if there is one. Mostly it is the common one, as a run has it; now and then that
    /// tool alone, or a few of all in any order: what is called must be read from the list, not known by heart.
    pub fn with(&self, needed: Option<&str>, draw: &mut Draw) -> Vec<ToolSpec> {
        let needed = needed.and_then(|name| self.get(name));
        match draw.weighted(&[0.75, 0.08, 0.17]) {
            0 => {
                let mut list = self.common.clone();
                list.extend(needed.filter(|spec| !list.iter().any(|other| other.name == spec.name)).cloned());
                list
            }
            1 => needed.into_iter().cloned().collect(),
            _ => {
                let all: Vec<&ToolSpec> = self.common.iter().chain(&self.others).collect();
                let count = draw.int(1, 5) as usize;
                let mut list: Vec<ToolSpec> =
                    draw.sample(&all, count).into_iter().map(|spec| (*spec).clone()).collect();
                if let Some(needed) = needed {
                    list.retain(|spec| spec.name != needed.name);
                    list.push(needed.clone());
                    draw.shuffle(&mut list);
                }
                list
            }
        }
    }

    /// A list without that tool.
    pub fn without(&self, name: &str, draw: &mut Draw) -> Vec<ToolSpec> {
        let mut list = self.with(None, draw);
        list.retain(|spec| spec.name != name);
        list
    }
}
