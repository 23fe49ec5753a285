use crate::passages::{Block, Kind};

/// The parts of a Markdown text: enough of CommonMark to know headings, fences, tables and lists.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader { blocks: Vec::new(), open: None, fence: None };
    let mut at = front_matter(text);
    if at > 0 {
        reader.blocks.push(Block { start: 0, end: at, kind: Kind::Lines });
    }
    for line in text[at..].split_inclusive('\n') {
        reader.line(line, at);
        at += line.len();
    }
    reader.close();
    reader.blocks
}

/// The title of the front matter, else the first heading.
pub(super) fn title(text: &str, blocks: &[Block]) -> Option<String> {
    let front = text[..front_matter(text)].lines().find_map(|line| line.strip_prefix("title:"));
    let heading = || {
        let block = blocks.iter().find(|block| matches!(block.kind, Kind::Heading(_)))?;
        text[block.start..block.end].lines().next().map(|line| line.trim().trim_matches('#'))
    };
    let title = front.or_else(heading)?.trim().trim_matches(['"', '\'']);
    (!title.is_empty()).then(|| title.chars().take(200).collect())
}

/// Where the front matter ends: lines between `---` and `---` at the very beginning.
fn front_matter(text: &str) -> usize {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').take(60).enumerate() {
        at += line.len();
        match (number, line.trim_end()) {
            (0, "---") => {}
            (0, _) => return 0,
            (_, "---" | "...") => return at,
            _ => {}
        }
    }
    0
}

struct Reader {
    blocks: Vec<Block>,
    open: Option<Block>,
    /// The mark that closes the open fence.
    fence: Option<(char, usize)>,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize) {
        let end = at + line.len();
        let content = line.trim();
        if let Some((mark, length)) = self.fence {
            self.extend(at, end, Kind::Lines);
            if run(content, mark) >= length && content.trim_start_matches(mark).is_empty() {
                self.fence = None;
                self.close();
            }
            return;
        }
        if content.is_empty() {
            self.close();
            return;
        }
        let is_indented = line.starts_with("    ") || line.starts_with('\t');
        if let Some(mark) = ['`', '~'].into_iter().find(|mark| run(content, *mark) >= 3) {
            self.close();
            self.fence = Some((mark, run(content, mark)));
            self.extend(at, end, Kind::Lines);
            return;
        }
        if let Some(level) = heading(content).filter(|_| !is_indented) {
            self.close();
            self.blocks.push(Block { start: at, end, kind: Kind::Heading(level) });
            return;
        }
        if let Some(level) = underline(content) {
            // Under one line of prose, that line is a heading.
            match &mut self.open {
                Some(open) if open.kind == Kind::Prose && at - open.start <= 200 => {
                    open.end = end;
                    open.kind = Kind::Heading(level);
                    self.close();
                    return;
                }
                _ => {}
            }
        }
        let is_list = item(content) || (is_indented && self.open.is_some_and(|open| open.kind == Kind::Lines));
        let kind = if content.starts_with('|') || is_list || is_indented { Kind::Lines } else { Kind::Prose };
        let continues =
            self.open.is_some_and(|open| open.kind == Kind::Lines && kind == Kind::Prose && !content.is_empty());
        if self.open.is_some_and(|open| open.kind != kind) && !continues {
            self.close();
        }
        self.extend(at, end, kind);
    }

    fn extend(&mut self, start: usize, end: usize, kind: Kind) {
        match &mut self.open {
            Some(open) => open.end = end,
            None => self.open = Some(Block { start, end, kind }),
        }
    }

    fn close(&mut self) {
        self.blocks.extend(self.open.take());
    }
}

fn run(content: &str, mark: char) -> usize {
    content.chars().take_while(|c| *c == mark).count()
}

fn heading(content: &str) -> Option<u8> {
    let level = run(content, '#');
    let rest = content.get(level..)?;
    let level = u8::try_from(level).ok().filter(|level| (1..=6).contains(level))?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(level)
}

fn underline(content: &str) -> Option<u8> {
    let is_of = |mark: char| content.len() >= 2 && content.chars().all(|c| c == mark);
    if is_of('=') {
        Some(1)
    } else if is_of('-') {
        Some(2)
    } else {
        None
    }
}

fn item(content: &str) -> bool {
    let digits = content.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &content[digits..];
    if digits > 0 {
        digits <= 9 && (rest.starts_with(". ") || rest.starts_with(") "))
    } else {
        ["- ", "* ", "+ "].iter().any(|mark| rest.starts_with(mark))
    }
}
