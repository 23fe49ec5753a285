//! Search questions: who did what, how high, since when, with passages that tell it among others that do not.

use serde_json::Value;

use crate::{
    Call, Condition, Draw, Episode, Gold, Names, cast,
    number::{Manner, plain},
    paraphrase,
    phrasing::{Entry, Relation, Slot, fill},
    sources::{Offered, Source},
};

const FAMILY_NAMES: &str = "Abara|Achterberg|Alder|Amsel|Baird|Bergqvist|Birch|Blake|Bonnet|Brandt|Caldwell|Castellan|\
    Chandra|Cole|Dahl|Delacroix|Dorn|Drummond|Eastman|Ekström|Falk|Farrow|Fenwick|Fontaine|Gallo|Garrick|Grieg|Hale|\
    Hartmann|Hollis|Ibarra|Ingram|Jansen|Kaminski|Keller|Kimura|Lang|Larkin|Lindqvist|Locke|Marchetti|Mbeki|Mendoza|\
    Moreau|Nakata|Nolan|Novak|Oduya|Okafor|Ortega|Osborne|Paget|Petrov|Quist|Rao|Reyes|Rossi|Sandoval|Sato|Sharma|\
    Silva|Sorensen|Strand|Tanaka|Thorne|Ullman|Varga|Vogel|Voss|Ward|Whitlock|Yilmaz|Zeller";
const TITLE_HEADS: &str = "The Last|A Quiet|The Glass|Beyond the|Letters from the|The Copper|Nine|Salt and|The Long|\
    Winter|The Empty|Songs of the|The Second|A Map of the|Under the|Children of the|The Blue|Before the|Night at the|\
    The Unlucky";
const TITLE_TAILS: &str = "Lighthouse|Orchard|Harbour|Winter|Garden|Bridge|Clockmaker|River|Stranger|Mountain|Letter|\
    Train|Voyage|Kingdom|Summer|Window|Machine|Tide|Lantern|Forest|Station|Violin";
const PHRASES: &str = "a wooden mill wheel|two crossed keys|the northern gate|a pair of iron gloves|cold blue glass|\
    the narrow stairs|three silver bells|an old ferry boat|dried sea grass|a bronze heron|the spring flood|plain brown \
    paper|a row of lime trees|the eastern tower|polished river stones";
const HEADINGS: &str = "Notes|Overview|History|Guide|Facts|Report|Archive|News|Handbook|Questions and answers|Minutes|\
    Travel|Reference|Summary";
const FOLDERS: &str = "notes|docs|archive|wiki|library|reports|articles|guide|pages|old";

/// Relations, of which each episode asks one.
pub struct Relations {
    relations: Vec<Relation>,
}

/// A thing with its object and two others that are not it.
struct Facts {
    subject: String,
    object: String,
    others: [String; 2],
}

impl Relations {
    /// The relations among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let relations = entries.into_iter().filter_map(|entry| match entry {
            Entry::Relation(relation) => Some(relation),
            _ => None,
        });
        Self { relations: relations.collect() }
    }
}

impl Source for Relations {
    fn name(&self) -> &'static str {
        "relations"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        if self.relations.len() < 2 {
            return None;
        }
        let relation = draw.pick(&self.relations);
        let facts = facts(relation, names, draw)?;
        let question = filled(draw.pick::<String>(&relation.questions), &facts);
        let question = paraphrase::mistyped(&question, names, draw);
        let query = filled(&relation.query, &facts);
        let mut passages = Vec::new();
        let found = !draw.chance(0.08);
        if found {
            passages.push(Found { title: facts.subject.clone(), text: passage(relation, &facts, draw), answers: true });
        }
        for _ in 0..draw.int(if found { 0 } else { 1 }, 2) {
            passages.push(self.beside(relation, &facts.subject, names, draw)?);
        }
        draw.shuffle(&mut passages);
        let number = passages.iter().position(|found| found.answers).map(|at| at + 1);
        let result = shown(&passages, &query, draw);
        let answer = match number {
            Some(number) if draw.chance(0.5) => format!("{} [{number}]", filled(&relation.answer, &facts)),
            Some(_) => filled(&relation.answer, &facts),
            None => format!("I could not find that about {}.", facts.subject),
        };
        let gold = if number.is_some() { facts.object.clone() } else { "could not find".to_owned() };
        let way = (None, Call::search(&query), result);
        let tools = tools.with(Some("search"), draw);
        Some(Episode::with_call(self.name(), tools, question, way, answer).measured_by(Gold::Text(gold)))
    }
}

impl Relations {
    /// A passage that does not answer: the same relation of another thing, or another relation of the same thing.
    fn beside(&self, asked: &Relation, subject: &str, names: Names, draw: &mut Draw) -> Option<Found> {
        let alike = |other: &&Relation| other.subject == asked.subject && other.relation != asked.relation;
        let others: Vec<&Relation> = self.relations.iter().filter(alike).collect();
        let (relation, facts) = if others.is_empty() || draw.chance(0.5) {
            (asked, facts(asked, names, draw)?)
        } else {
            let other = *draw.pick(&others);
            (other, Facts { subject: subject.to_owned(), ..facts(other, names, draw)? })
        };
        Some(Found { title: facts.subject.clone(), text: passage(relation, &facts, draw), answers: false })
    }
}

fn passage(relation: &Relation, facts: &Facts, draw: &mut Draw) -> String {
    filled(draw.pick::<String>(&relation.passages), facts)
}

fn filled(text: &str, facts: &Facts) -> String {
    fill(text, &|slot| match slot {
        "s" => Some(facts.subject.clone()),
        "o" => Some(facts.object.clone()),
        "d1" => Some(facts.others[0].clone()),
        "d2" => Some(facts.others[1].clone()),
        _ => None,
    })
}

/// A passage that a search may find.
pub(super) struct Found {
    /// What it is about.
    pub title: String,
    pub text: String,
    /// Whether it answers the question.
    pub answers: bool,
}

/// Results as the tool `search` shows them.
pub(super) fn shown(found: &[Found], query: &str, draw: &mut Draw) -> String {
    if found.is_empty() {
        return toolwright_search::no_results(query, &[]);
    }
    let parts = (1..).zip(found).map(|(number, found)| {
        let heading = if draw.chance(0.6) { found.title.clone() } else { draw.of(HEADINGS).to_owned() };
        let source = format!("{}/{}.md", draw.of(FOLDERS), heading.to_lowercase().replace(' ', "-"));
        toolwright_search::numbered(number, &heading, &source, &found.text)
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

fn facts(relation: &Relation, names: Names, draw: &mut Draw) -> Option<Facts> {
    let subject = subject(&relation.subject, names, draw);
    let condition = relation.condition.as_deref().map(Condition::parse).transpose().ok()?;
    for _ in 0..200 {
        let (object, value) = object(relation, names, draw)?;
        let (first, first_value) = self::object(relation, names, draw)?;
        let (second, second_value) = self::object(relation, names, draw)?;
        if object == first || object == second || first == second {
            continue;
        }
        let holds = condition.as_ref().is_none_or(|condition| {
            condition
                .holds(&|name| match name {
                    "o" => Some(value),
                    "d1" => Some(first_value),
                    "d2" => Some(second_value),
                    _ => None,
                })
                .unwrap_or(false)
        });
        if holds {
            return Some(Facts { subject, object, others: [first, second] });
        }
    }
    None
}

/// What a relation's object may be, and the number by which conditions compare it.
fn object(relation: &Relation, names: Names, draw: &mut Draw) -> Option<(String, f64)> {
    match &relation.values {
        Some(Value::String(spec)) => {
            let value = Slot::Range(spec.clone()).draw(draw)?;
            let text = plain(value);
            let shown = if spec == "year" { text } else { Manner { spells: 0.0, groups: 0.5 }.show(&text, draw) };
            return Some((shown, value));
        }
        Some(Value::Array(list)) if !list.is_empty() => return Some((text_of(draw.pick(list)), 0.0)),
        _ => {}
    }
    Some(match relation.object.as_str() {
        "person" => (full_name(names, draw), 0.0),
        "place" => (cast::place(names, draw), 0.0),
        "number" => {
            let value = crate::number::integer(draw, 3, 90_000);
            (Manner { spells: 0.0, groups: 0.5 }.show(&value.to_string(), draw), value as f64)
        }
        "date" => {
            let (year, month, day) = (draw.int(1850, 2027), draw.int(1, 12), draw.int(1, 28));
            let date = jiff::civil::date(year as i16, month as i8, day as i8);
            (date.strftime("%-d %B %Y").to_string(), (year * 400 + month * 32 + day) as f64)
        }
        "title" => (format!("{} {}", draw.of(TITLE_HEADS), draw.of(TITLE_TAILS)), 0.0),
        _ => (draw.of(PHRASES).to_owned(), 0.0),
    })
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn full_name(names: Names, draw: &mut Draw) -> String {
    let family = if draw.chance(0.3) { cast::invented(names, draw) } else { draw.of(FAMILY_NAMES).to_owned() };
    format!("{} {family}", cast::person(names, draw))
}

/// A name for a thing of this kind that no text has.
fn subject(kind: &str, names: Names, draw: &mut Draw) -> String {
    let is = |kinds: &[&str]| kinds.iter().any(|word| kind.contains(word));
    let name = cast::invented(names, draw);
    if is(&["novel", "film", "painting", "opera", "song", "game", "series", "magazine", "album"]) {
        return draw.of(TITLE_TAILS).to_owned() + " of " + &name;
    }
    if is(&["footballer", "poet", "explorer", "actor", "violinist", "bishop", "chief", "professor", "lecturer"]) {
        return full_name(names, draw);
    }
    if is(&["town", "country", "island", "mountain", "river", "lake", "region", "village"]) {
        return cast::place(names, draw);
    }
    if draw.chance(0.5) {
        return name;
    }
    // "Brask Bridge", "Oslin Museum".
    let last = kind.rsplit(' ').next().unwrap_or(kind);
    format!("{name} {}", cast::capitalised(last))
}
