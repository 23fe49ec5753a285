//! Where episodes come from: one source for each kind of conversation.

mod dates;
mod relations;
mod written;

pub use dates::Dates;
pub use relations::Relations;
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
pub struct Offered(Vec<ToolSpec>);

impl Offered {
    /// Of these specs, in the order in which a model is told of them.
    #[must_use]
    pub fn new(specs: Vec<ToolSpec>) -> Self {
        Self(specs)
    }

    /// The tool of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ToolSpec> {
        self.0.iter().find(|spec| spec.name == name)
    }

    /// A list with the tool that is needed, if there is one, and now and then others beside it: what is called must be
    /// read from the list, not known by heart.
    pub fn with(&self, needed: Option<&str>, draw: &mut Draw) -> Vec<ToolSpec> {
        let all = draw.chance(0.4);
        let mut list: Vec<ToolSpec> = self.0.clone();
        let count = if all { list.len() } else { draw.int(0, 3) as usize };
        let mut others: Vec<ToolSpec> =
            list.iter().filter(|spec| needed != Some(spec.name.as_str())).cloned().collect();
        draw.shuffle(&mut others);
        others.truncate(count);
        list.retain(|spec| needed == Some(spec.name.as_str()) || others.contains(spec));
        if draw.chance(0.3) {
            draw.shuffle(&mut list);
        }
        list
    }
}
