use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use lopdf::{Dictionary, Document, Encoding, LoadOptions, Object, ObjectId, content::Content};

/// Time for one file.
const DEADLINE: Duration = Duration::from_secs(60);

/// The parser recurses with the nesting of objects and gives up at a depth of its own; this is enough for it.
const STACK: usize = 64 << 20;

/// Bytes that the content of a page, a form or a font's table may unfold to. As operations they take many times that.
const MAX_STREAM: usize = 8 << 20;

/// Bytes that all object streams together may unfold to; they do so when the file is opened.
const MAX_OBJECTS: usize = 128 << 20;

/// Bytes of text of one file.
const MAX_TEXT: usize = 32 << 20;

/// Forms within forms.
const MAX_DEPTH: usize = 8;

/// A gap in a line of this many thousandths of the letter size is a space between words.
const WORD_GAP: f32 = 180.0;

/// Title and text of a PDF. The parser works on a thread of its own, which is left to
/// itself at the deadline and ends at the next page.
///
/// # Errors
/// In words, why there is no text.
pub(super) fn text(bytes: Vec<u8>) -> Result<(Option<String>, String), String> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = mpsc::sync_channel(1);
    let worker_stop = Arc::clone(&stop);
    let worker = thread::Builder::new().name("pdf".into()).stack_size(STACK).spawn(move || {
        let read = catch_unwind(AssertUnwindSafe(|| read(&bytes, &worker_stop)));
        let _ = sender.send(read.unwrap_or_else(|_| Err("the PDF is malformed".into())));
    });
    worker.map_err(|error| format!("cannot start a thread for the PDF: {error}"))?;
    let result = receiver.recv_timeout(DEADLINE);
    stop.store(true, Ordering::Relaxed);
    result.unwrap_or_else(|_| Err(format!("the PDF takes longer than {} s", DEADLINE.as_secs())))
}

fn read(bytes: &[u8], stop: &AtomicBool) -> Result<(Option<String>, String), String> {
    let object_streams = bytes.windows(7).filter(|window| window == b"/ObjStm").count();
    let options = LoadOptions::with_max_decompressed_size((MAX_OBJECTS / object_streams.max(8)).max(64 << 10));
    let document =
        Document::load_mem_with_options(bytes, options).map_err(|error| format!("the PDF cannot be read: {error}"))?;
    if document.is_encrypted() {
        return Err("the PDF is encrypted".into());
    }
    let mut page = Page { document: &document, stop, text: String::new() };
    for (_, id) in document.get_pages() {
        if page.is_full() {
            break;
        }
        page.page(id);
        page.text.push_str("\n\n");
    }
    let text = join_lines(&page.text);
    if !text.chars().any(char::is_alphanumeric) {
        return Err("the PDF holds no text; it may be scanned".into());
    }
    Ok((title(&document), text))
}

fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let (_, info) = document.dereference(info).ok()?;
    let title = lopdf::decode_text_string(info.as_dict().ok()?.get(b"Title").ok()?).ok()?;
    let title = title.trim();
    (!title.is_empty()).then(|| title.chars().take(200).collect())
}

struct Page<'a> {
    document: &'a Document,
    stop: &'a AtomicBool,
    text: String,
}

type Fonts<'a> = BTreeMap<Vec<u8>, Encoding<'a>>;

/// The part of the graphics state that says where letters go.
#[derive(Clone, Copy)]
struct Place {
    /// Of the beginning of the line, and of the letters that come next, in text space.
    y: f32,
    scale: f32,
    size: f32,
    leading: f32,
}

impl<'a> Page<'a> {
    fn is_full(&self) -> bool {
        self.text.len() > MAX_TEXT || self.stop.load(Ordering::Relaxed)
    }

    fn page(&mut self, id: ObjectId) {
        let fonts = self.document.get_page_fonts(id).map(|fonts| self.encodings(fonts)).unwrap_or_default();
        let Ok(content) = self.document.get_page_content_with_limit(id, MAX_STREAM) else { return };
        let forms = self.page_forms(id);
        self.content(&content, &fonts, &forms, 0);
    }

    fn encodings(&self, fonts: BTreeMap<Vec<u8>, &'a Dictionary>) -> Fonts<'a> {
        let encoding = |font: &'a Dictionary| font.get_font_encoding_with_limit(self.document, MAX_STREAM).ok();
        fonts.into_iter().filter_map(|(name, font)| Some((name, encoding(font)?))).collect()
    }

    fn page_forms(&self, id: ObjectId) -> Vec<&'a Dictionary> {
        let Ok((direct, inherited)) = self.document.get_page_resources(id) else { return Vec::new() };
        let inherited = inherited.into_iter().filter_map(|id| self.document.get_dictionary(id).ok());
        direct.into_iter().chain(inherited).filter_map(|resources| self.dictionary(resources, b"XObject")).collect()
    }

    fn dictionary(&self, holder: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        let (_, object) = self.document.dereference(holder.get(key).ok()?).ok()?;
        object.as_dict().ok()
    }

    /// A form: a content stream that others draw, with fonts of its own.
    fn form(&mut self, name: &[u8], forms: &[&'a Dictionary], fonts: &Fonts<'a>, depth: usize) {
        let object = forms.iter().find_map(|forms| forms.get(name).ok());
        let Some(Ok((_, Object::Stream(stream)))) = object.map(|object| self.document.dereference(object)) else {
            return;
        };
        if !stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form") {
            return;
        }
        let Ok(content) = stream.decompressed_content_with_limit(MAX_STREAM) else { return };
        let resources = self.dictionary(&stream.dict, b"Resources");
        let own_forms: Vec<_> = resources.and_then(|own| self.dictionary(own, b"XObject")).into_iter().collect();
        let own_fonts = resources.and_then(|own| self.dictionary(own, b"Font")).map(|own| {
            let fonts = own.iter().filter_map(|(name, font)| {
                let (_, font) = self.document.dereference(font).ok()?;
                Some((name.clone(), font.as_dict().ok()?))
            });
            self.encodings(fonts.collect())
        });
        self.content(&content, own_fonts.as_ref().unwrap_or(fonts), &own_forms, depth + 1);
    }

    fn content(&mut self, content: &[u8], fonts: &Fonts<'a>, forms: &[&'a Dictionary], depth: usize) {
        let Ok(content) = Content::decode(content) else { return };
        let mut encoding = None;
        let mut place = Place { y: 0.0, scale: 1.0, size: 1.0, leading: 0.0 };
        for operation in &content.operations {
            if self.is_full() {
                return;
            }
            let operands = &operation.operands;
            let number = |at: usize| operands.get(at).and_then(|operand| operand.as_float().ok()).unwrap_or(0.0);
            match operation.operator.as_str() {
                "BT" => place = Place { y: f32::NAN, scale: 1.0, ..place },
                "ET" => self.space(),
                "Tf" => {
                    encoding = operands.first().and_then(|name| name.as_name().ok()).and_then(|name| fonts.get(name));
                    place.size = number(1).abs();
                }
                "TL" => place.leading = number(0),
                "Tm" => {
                    place.scale = number(3).abs().max(number(1).abs());
                    self.move_to(&mut place, number(5));
                }
                "Td" | "TD" => {
                    let (x, y) = (number(0), number(1));
                    if operation.operator == "TD" {
                        place.leading = -y;
                    }
                    if y != 0.0 {
                        let to = if place.y.is_nan() { y } else { place.y + y * place.scale };
                        self.move_to(&mut place, to);
                    } else if x > 0.0 {
                        self.space();
                    }
                }
                "T*" => self.next_line(&mut place),
                "Tj" => self.show(operands.first(), encoding),
                "'" => {
                    self.next_line(&mut place);
                    self.show(operands.first(), encoding);
                }
                "\"" => {
                    self.next_line(&mut place);
                    self.show(operands.get(2), encoding);
                }
                "TJ" => self.show_all(operands.first(), encoding),
                "Do" if depth < MAX_DEPTH => {
                    if let Some(Ok(name)) = operands.first().map(Object::as_name) {
                        self.form(name, forms, fonts, depth);
                    }
                }
                _ => {}
            }
        }
    }

    /// The next letters stand at another height: a new line, and a new paragraph if the step is large.
    fn move_to(&mut self, place: &mut Place, y: f32) {
        let size = (place.size * place.scale).max(1.0);
        let step = (y - place.y).abs();
        if place.y.is_nan() || step > size * 2.2 {
            self.text.push_str(if place.y.is_nan() { "\n" } else { "\n\n" });
        } else if step > size * 0.4 {
            self.text.push('\n');
        } else {
            self.space();
        }
        place.y = y;
    }

    fn next_line(&mut self, place: &mut Place) {
        self.text.push('\n');
        if !place.y.is_nan() {
            place.y -= place.leading * place.scale;
        }
    }

    fn space(&mut self) {
        if !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn show(&mut self, string: Option<&Object>, encoding: Option<&Encoding<'_>>) {
        if let (Some(Object::String(bytes, _)), Some(encoding)) = (string, encoding)
            && let Ok(text) = Document::decode_text(encoding, bytes)
        {
            self.text.extend(text.chars().map(plain));
        }
    }

    fn show_all(&mut self, array: Option<&Object>, encoding: Option<&Encoding<'_>>) {
        let Some(Ok(parts)) = array.map(Object::as_array) else { return };
        for part in parts {
            match part {
                Object::String(..) => self.show(Some(part), encoding),
                gap if gap.as_float().is_ok_and(|gap| -gap > WORD_GAP) => self.space(),
                _ => {}
            }
        }
    }
}

/// Odd spaces and hyphens as what they stand for; control characters as spaces. Fonts call the hyphen a soft one.
fn plain(c: char) -> char {
    match c {
        '\u{ad}' => '-',
        c if c == '\u{a0}' || c.is_control() => ' ',
        c => c,
    }
}

/// Lines without the white space around them, words that a hyphen breaks over two lines put together, blank lines only
/// between paragraphs.
fn join_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            blank += 1;
            continue;
        }
        let breaks_word = joined.ends_with('-')
            && joined.chars().rev().nth(1).is_some_and(char::is_lowercase)
            && line.starts_with(char::is_lowercase);
        if breaks_word && blank == 0 {
            joined.pop();
        } else if !joined.is_empty() {
            joined.push_str(if blank > 0 { "\n\n" } else { "\n" });
        }
        for c in line.chars() {
            match c {
                'ﬀ' => joined.push_str("ff"),
                'ﬁ' => joined.push_str("fi"),
                'ﬂ' => joined.push_str("fl"),
                'ﬃ' => joined.push_str("ffi"),
                'ﬄ' => joined.push_str("ffl"),
                c => joined.push(c),
            }
        }
        blank = 0;
    }
    joined
}
