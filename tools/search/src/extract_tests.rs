use lopdf::{
    Dictionary, Document, Object, Stream,
    content::{Content, Operation},
    dictionary,
};

use super::*;

fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Extracted {
    extract(Path::new(name), bytes.into()).unwrap()
}

#[test]
fn text_in_old_encodings_is_read_and_says_where_it_stands() {
    assert_eq!(read("a.txt", "Ogród").in_file, Some(0));
    let marked = read("a.txt", [b"\xef\xbb\xbf".as_slice(), "Ogród".as_bytes()].concat());
    assert_eq!((marked.text.as_str(), marked.in_file), ("Ogród", Some(3)));
    let wide: Vec<u8> = "\u{feff}Ogród".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!((read("a.txt", wide.clone()).text.as_str(), read("a.txt", wide).in_file), ("Ogród", None));
    assert_eq!(read("a.txt", b"caf\xe9 \x80".as_slice()).text, "café €");
    assert_eq!(
        read("a.txt", "Ogród Łódź caf\u{e9} x".as_bytes().iter().copied().chain([0xff]).collect::<Vec<_>>()).text,
        "Ogród Łódź café x\u{fffd}"
    );
}

#[test]
fn titles_come_from_the_document() {
    assert_eq!(read("notes.txt", "The garden\n\nIt is green.\n").title, "The garden");
    assert_eq!(read("notes.txt", "It is green.\nVery.\n").title, "notes");
    assert_eq!(read("a.md", "---\ntitle: \"The garden\"\n---\n# Other\n").title, "The garden");
    assert_eq!(read("a.md", "Intro.\n\n# Other #\n").title, "Other");
    assert_eq!(read("a.htm", "<title>The &amp;\n garden</title><h1>Other</h1>").title, "The & garden");
}

#[test]
fn a_page_gives_its_main_text_as_markdown() {
    let page = "<!DOCTYPE html><html><head><title>T</title><style>p{}</style><script>if (a<b) '</p>'</script></head>
        <body><nav><ul><li>Home</ul></nav><h1>Head</h1><p>One &amp; <b>two</b>,\n three&nbsp;four<br>five.</p>
        <ul><li>a<li>b</ul><table><tr><td>x</td><td>y</td></tr></table><pre>  let x\n    = 1;</pre><footer>Foot</footer></body>";
    let text = read("a.html", page).text;
    assert_eq!(
        text,
        "# Head\n\nOne & two, three\u{a0}four\nfive.\n\n- a\n- b\n\n| x | y\n\n```\n  let x\n    = 1;\n```"
    );
    let long = "Words of the main part. ".repeat(30);
    let framed = format!("<html><div>Advertising</div><main><p>{long}</p></main><div>More</div>");
    assert_eq!(read("noname", framed).text, long.trim());
}

#[test]
fn code_is_cut_between_definitions_and_knows_what_it_stands_in() {
    let body: String =
        (0..60).map(|n| format!("    def method_{n}(self):\n        return {n} + self.offset\n\n")).collect();
    let source = format!("import os\n\nclass Garden(Base):\n{body}\ndef other():\n    pass\n");
    let document = read("a.py", source.clone());
    let spans = document.passages();
    assert!(spans.len() > 2);
    let inner: Vec<_> = spans.iter().filter(|span| source[span.start..span.end].starts_with("def method")).collect();
    assert!(!inner.is_empty() && inner.iter().all(|span| span.heading == "class Garden(Base)"), "{spans:?}");
}

/// A PDF of one page with this content and one font, `F`.
fn pdf(content: Vec<u8>, resources: Dictionary, title: &str) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let mut all = dictionary! { "Font" => dictionary! { "F" => font } };
    all.extend(&resources);
    let mut stream = Stream::new(dictionary! {}, content);
    stream.compress().unwrap();
    let content = document.add_object(stream);
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => all,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    let info = document.add_object(dictionary! { "Title" => Object::string_literal(title) });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", info);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_pdf_gives_its_lines_words_and_title() {
    let text = |words: &str| Object::string_literal(words);
    let operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F".into(), 12.into()]),
        Operation::new("Td", vec![50.into(), 700.into()]),
        Operation::new("Tj", vec![text("The quokka lives on Rott-")]),
        Operation::new("Td", vec![0.into(), (-14).into()]),
        Operation::new(
            "TJ",
            vec![vec![text("nest Is"), (-20).into(), text("land"), (-400).into(), text("today.")].into()],
        ),
        Operation::new("Td", vec![0.into(), (-50).into()]),
        Operation::new("Tj", vec![text("It eats grass.")]),
        Operation::new("ET", vec![]),
    ];
    let content = Content { operations }.encode().unwrap();
    let document = read("a.pdf", pdf(content, dictionary! {}, "On quokkas"));
    assert_eq!(document.title, "On quokkas");
    assert_eq!(document.text, "The quokka lives on Rottnest Island today.\n\nIt eats grass.");
}

#[test]
fn hostile_pdfs_are_refused_in_time() {
    let refused = |bytes: Vec<u8>| extract(Path::new("a.pdf"), bytes).unwrap_err();
    assert!(refused(b"%PDF-1.4 garbage".to_vec()).contains("PDF"));
    let nested = [b"%PDF-1.4\n1 0 obj ".as_slice(), &b"[".repeat(1 << 20), b"\nstartxref\n9\n%%EOF"].concat();
    assert!(refused(nested).contains("PDF"));
    // A form that draws itself twice: 2^depth without a bound on the depth, and no end without one on the text.
    let form = dictionary! { "Type" => "XObject", "Subtype" => "Form" };
    let mut document = Document::load_mem(&pdf(b"/X Do".to_vec(), dictionary! {}, "t")).unwrap();
    let id = document.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => id } };
    let mut inner = form;
    inner.set("Resources", resources.clone());
    document.objects.insert(id, Stream::new(inner, b"/X Do /X Do".to_vec()).into());
    let page = document.get_pages()[&1];
    document.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Resources", resources);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    assert_eq!(refused(bytes), "the PDF holds no text; it may be scanned");
    // A hundred MiB of spaces in a hundred KiB.
    let bomb = pdf(vec![b' '; 100 << 20], dictionary! {}, "t");
    assert!(bomb.len() < 1 << 20);
    assert_eq!(refused(bomb), "the PDF holds no text; it may be scanned");
    let sound = pdf(b"BT /F 12 Tf (words) Tj ET".to_vec(), dictionary! {}, "t");
    for cut in (0..sound.len()).step_by(97) {
        let _ = extract(Path::new("a.pdf"), sound[..cut].to_vec());
        let mut flipped = sound.clone();
        flipped[cut] ^= 0x55;
        let _ = extract(Path::new("a.pdf"), flipped);
    }
}

#[test]
fn hostile_pages_take_linear_time() {
    let deep = format!("<html>{}deep{}", "<div><p><b>".repeat(100_000), "</div>".repeat(100_000));
    assert_eq!(read("a.html", deep).text, "deep");
    let skipped = format!("<html>{}hidden{}shown", "<nav>".repeat(50_000), "</nav>".repeat(50_000));
    assert_eq!(read("a.html", skipped).text, "shown");
    let attributes = format!("<html><p {}>text", "a=b ".repeat(20_000));
    assert_eq!(read("a.html", attributes).text, "text");
    let _ = read("a.html", "<".repeat(1 << 20));
    let _ = read("a.html", format!("<html><script>{}", "<!--<script>".repeat(50_000)));
}

#[test]
fn binary_files_are_refused() {
    for bytes in [b"PK\x03\x04\x14\0\0\0".as_slice(), b"\x7fELF\x02\x01\x01\0", b"GIF89a\x01\0\x01\0", &[1, 2, 3, 4, 5]]
    {
        assert_eq!(extract(Path::new("a.txt"), bytes.to_vec()).unwrap_err(), "binary file");
    }
}
