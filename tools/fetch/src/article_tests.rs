use std::fmt::Write;

use proptest::prelude::*;

use super::*;

fn url() -> Url {
    Url::parse("https://example.com/").unwrap()
}

/// Runs with the stack that a blocking thread has, and fails rather than hangs.
fn read_in_thread(html: String) -> Article {
    std::thread::Builder::new().stack_size(2 << 20).spawn(move || read(&html, &url(), true)).unwrap().join().unwrap()
}

/// Documents of some hundred kilobytes, each made to hurt a parser that is not careful.
#[test]
fn hostile_pages_neither_overflow_nor_stall_and_keep_their_text() {
    let numbered = |n: usize, piece: &dyn Fn(usize) -> String| {
        (0..n).fold(String::new(), |mut all, i| {
            let _ = write!(all, "{}", piece(i));
            all
        })
    };
    let nested = |open: &str, close: &str| format!("{}word{}", open.repeat(100_000), close.repeat(100_000));
    let pages = [
        ("deep divs", nested("<div>", "</div>")),
        ("deep unclosed", nested("<div>", "")),
        ("deep lists", nested("<ul><li>", "</ul>")),
        ("deep quotes", nested("<blockquote>", "</blockquote>")),
        ("deep tables", nested("<table><tr><td>", "</table>")),
        ("deep links", nested("<a href=x>", "</a>")),
        ("deep formatting", nested("<b><i><em>", "")),
        ("hidden depth", format!("{}word", "<div><table><td></div></table>".repeat(40_000))),
        ("distinct formatting", numbered(30_000, &|i| format!("<b id={i}>")) + &"<p>word</p>".repeat(30_000)),
        ("misnested formatting", numbered(20_000, &|i| format!("<b id={i}><p>word</b></i>"))),
        ("attributes", format!("<p {}>word", numbered(200_000, &|i| format!("a{i} ")))),
        ("long attribute", format!("<p class=\"{}\">word", "x ".repeat(500_000))),
        ("unclosed attribute", format!("word<p class=\"{}", "<p>".repeat(300_000))),
        ("brackets", format!("word{}", "<".repeat(125_000))),
        ("closing tags", format!("word{}", "</p>".repeat(250_000))),
        ("comments", format!("word{}", "<!--".repeat(250_000))),
        ("siblings", "<p>word</p>".repeat(80_000)),
        ("paragraphs with commas", "<div><p>word, word, word, word, word, word, word</p></div>".repeat(10_000)),
        ("list items", format!("<ul>{}</ul>", "<li>word".repeat(90_000))),
        ("cells", format!("<table>{}</table>", "<tr><td>word".repeat(50_000))),
        ("one row", format!("<table><tr>{}</table>", "<td>word".repeat(90_000))),
        ("breaks", "word<br>".repeat(100_000)),
        ("references", format!("word {}", "&amp;lt;".repeat(100_000))),
        ("ampersands", format!("word {}", "&".repeat(250_000))),
        ("letters of two bytes", format!("word {}", "©".repeat(125_000))),
        ("ampersands in a title", format!("<title>{}</title>word", "&".repeat(1_000_000))),
        ("one word", "word".repeat(250_000)),
        ("backslashes", format!("word {}", "\\`*_".repeat(200_000))),
        ("spaces", format!("word{}", " \n\t".repeat(300_000))),
        ("controls", format!("word{}", "\u{0}\u{1b}\u{202e}".repeat(100_000))),
        ("titles", "<title>word</title>".repeat(50_000)),
        ("metas", format!("{}word", "<meta property=og:title content=word>".repeat(30_000))),
    ];
    for (name, html) in pages {
        let article = read_in_thread(html);
        assert!(article.text.contains("word") || article.title.contains("word"), "{name}");
        assert!(!article.text.contains(['\u{0}', '\u{1b}', '\u{202e}']), "{name}");
    }
}

#[test]
fn a_short_snippet_is_not_taken_for_the_page() {
    let stories: String =
        (0..40).map(|n| format!("<div class=story><a href=/{n}>Headline number {n}</a></div>")).collect();
    let html = format!(
        "<body>{stories}<div class=article><p>One teaser, which is short, has some commas, and ends.</p></div>"
    );
    let article = read(&html, &url(), false);
    assert!(
        article.text.contains("Headline number 0") && article.text.contains("Headline number 39"),
        "{}",
        article.text
    );
}

#[test]
fn titles_are_text() {
    for (html, title) in [
        ("<title>A &amp; B\n  &lt;c&gt;</title><p>x", "A & B <c>"),
        ("<meta property=og:title content='From &quot;meta&quot;'><title>Site</title><p>x", "From \"meta\""),
        ("<title>\u{202e}x</title>", "x"),
        ("<p>x", ""),
    ] {
        assert_eq!(read(html, &url(), false).title, title, "{html}");
    }
}

proptest! {
    #[test]
    fn any_page_is_read(html in "(</?(p|b|a|div|ul|li|table|tr|td|pre|code|h1|br|title|blockquote)( href=/x| hidden)?>|word|é|<| |\n|&amp;|`|\\\\){0,80}") {
        let article = read(&html, &url(), true);
        prop_assert!(!article.text.contains("\n\n\n"));
    }
}
