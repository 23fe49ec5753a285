//! Conversations whose turns lean on each other, and texts with sums in them.

use std::collections::BTreeMap;

use crate::{
    Call, Cast, Draw, Episode, Gold, ModelTurn, Names, Part, Turn,
    number::plain,
    paraphrase,
    phrasing::{Chat, Entry, Inline, draw_slots, fill},
    problem::{Worked, thought, work_out},
    sources::{Offered, Source},
};

/// Chats, of which each episode takes one.
pub struct Chats(Vec<Chat>);

/// Requests for texts with sums in them, of which each episode takes one.
pub struct Inlines(Vec<Inline>);

impl Chats {
    /// The chats among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let chats = entries.into_iter().filter_map(|entry| match entry {
            Entry::Chat(chat) => Some(chat),
            _ => None,
        });
        Self(chats.collect())
    }
}

impl Inlines {
    /// The requests among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let inlines = entries.into_iter().filter_map(|entry| match entry {
            Entry::Inline(inline) => Some(inline),
            _ => None,
        });
        Self(inlines.collect())
    }
}

impl Source for Chats {
    fn name(&self) -> &'static str {
        "chats"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let chat = (!self.0.is_empty()).then(|| draw.pick(&self.0))?;
        let values = draw_slots(&chat.slots, chat.condition.as_deref(), draw)?;
        let cast = Cast::draw(names, draw);
        let mut results: Vec<String> = Vec::new();
        let mut turns = Vec::new();
        for turn in &chat.turns {
            let from = results.len();
            let worked: Option<Worked> = if turn.steps.is_empty() {
                None
            } else {
                let value = |slot: &str| match slot.strip_prefix('#') {
                    Some(number) => results.get(number.parse::<usize>().ok()?.checked_sub(1)?).cloned(),
                    None => values.get(slot).map(|value| plain(*value)),
                };
                Some(work_out(&turn.steps, from, &value, draw)?)
            };
            let of = |slot: &str| match slot {
                "=" => worked.as_ref().map(|worked| worked.result.clone()),
                slot => values.get(slot).map(|value| plain(*value)).or_else(|| cast.get(slot).map(str::to_owned)),
            };
            turns.push(Turn::User(paraphrase::mistyped(&fill(&turn.text, &of), names, draw)));
            let answer = fill(&turn.answer, &of);
            if let Some(worked) = worked {
                turns.push(Turn::Model(ModelTurn::calls(thought(&worked.steps), Call::calculator(&worked.expression))));
                turns.push(Turn::Results(vec![worked.result.clone()]));
                // Only the last step of a turn has a result that was seen.
                results.extend(std::iter::repeat_n(worked.result, turn.steps.len()));
            }
            turns.push(Turn::Model(ModelTurn::says(answer)));
        }
        Some(Episode::new(self.name(), tools.with(Some("calculator"), draw), turns))
    }
}

impl Source for Inlines {
    fn name(&self) -> &'static str {
        "inline"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let inline = (!self.0.is_empty()).then(|| draw.pick(&self.0))?;
        let values = draw_slots(&inline.slots, inline.condition.as_deref(), draw)?;
        let values: BTreeMap<String, String> = values.into_iter().map(|(slot, value)| (slot, plain(value))).collect();
        let cast = Cast::draw(names, draw);
        let of = |slot: &str| values.get(slot).cloned().or_else(|| cast.get(slot).map(str::to_owned));
        let mut results: Vec<String> = Vec::new();
        let mut parts = Vec::new();
        let mut rest = inline.answer.as_str();
        while let Some((before, behind)) = rest.split_once("[[") {
            let (step, after) = behind.split_once("]]")?;
            // Every result is in view when the next sum is made.
            let value = |slot: &str| match slot.strip_prefix('#') {
                Some(number) => results.get(number.parse::<usize>().ok()?.checked_sub(1)?).cloned(),
                None => values.get(slot).cloned(),
            };
            let worked = work_out(&[step.to_owned()], results.len(), &value, draw)?;
            if !before.is_empty() {
                parts.push(Part::Text(fill(before, &of)));
            }
            parts.push(Part::Inline(Call::calculator(&worked.expression), worked.result.clone()));
            results.push(worked.result);
            rest = after;
        }
        // A call at the very end of a turn is no call in mid-sentence.
        if rest.is_empty() || !matches!(parts.first(), Some(Part::Text(_))) {
            return None;
        }
        parts.push(Part::Text(fill(rest, &of)));
        let request = paraphrase::mistyped(&fill(&inline.text, &of), names, draw);
        let turns = vec![Turn::User(request), Turn::Model(ModelTurn::of(parts))];
        let tools = tools.with(Some("calculator"), draw);
        Some(Episode::new(self.name(), tools, turns).measured_by(Gold::Number(results.pop()?)))
    }
}
