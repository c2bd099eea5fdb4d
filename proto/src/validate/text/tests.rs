use proptest::prelude::*;

use super::*;

fn formed(text: &str, kind: TextKind) -> Result<String, &'static str> {
    let mut text = text.to_owned();
    normalize(&mut text, kind);
    problem(&text, kind).map_or(Ok(text), Err)
}

#[track_caller]
fn becomes(kind: TextKind, pairs: &[(&str, &str)]) {
    for (sent, kept) in pairs {
        assert_eq!(formed(sent, kind).as_deref(), Ok(*kept), "{sent:?}");
    }
}

#[track_caller]
fn refused(kind: TextKind, texts: &[&str]) {
    for text in texts {
        assert!(formed(text, kind).is_err(), "{text:?}");
    }
}

const OF_PEOPLE: [TextKind; 2] = [TextKind::Line, TextKind::Block];

#[test]
fn decomposed_text_is_composed() {
    for kind in [TextKind::Line, TextKind::Block, TextKind::Query, TextKind::Password] {
        // As a Mac types it; conjoining Hangul; marks in another order; a singleton (the Angstrom sign).
        becomes(
            kind,
            &[
                ("Cafe\u{301}", "Café"),
                ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글"),
                ("q\u{307}\u{323}", "q\u{323}\u{307}"),
                ("\u{212B}", "Å"),
            ],
        );
    }
    becomes(TextKind::Email, &[("zoe\u{308}@example.com", "zoë@example.com")]);
}

#[test]
fn text_of_people_has_no_white_space_around_it() {
    for kind in OF_PEOPLE {
        becomes(
            kind,
            &[
                (" Ada\t", "Ada"),
                ("\u{3000}王\u{A0}", "王"),
                ("\u{FEFF}Ada\u{200B}", "Ada"),
                ("A  B", "A  B"),
            ],
        );
    }
    becomes(TextKind::Block, &[("\n a\n\nb \n", "a\n\nb")]);
    for kind in [TextKind::Query, TextKind::Password] {
        becomes(kind, &[(" as it is ", " as it is ")]);
    }
}

#[test]
fn text_that_shows_nothing_is_empty() {
    let blank = [
        " ",
        "\t",
        "\u{A0}",
        "\u{3000}",
        "\u{200B}",
        "\u{200C}\u{200D}",
        "\u{2060}",
        "\u{FEFF}",
        "\u{AD}",
        "\u{180E}",
        "\u{34F}",
        "\u{200E}\u{200F}",
        "\u{61C}",
        "\u{115F}",
        "\u{1160}",
        "\u{3164}",
        "\u{FFA0}",
        "\u{17B4}",
        "\u{2800}",
        "\u{2800} \u{2800}",
        "\u{FE0F}",
        "\u{E0100}",
        "\u{E0020}",
        "\u{1D159}",
    ];
    for kind in OF_PEOPLE {
        blank.iter().for_each(|blank| becomes(kind, &[(blank, "")]));
    }
    becomes(TextKind::Password, &[("        ", "        ")]);
}

#[test]
fn a_line_is_one() {
    for broken in [
        "Ada\nBcc: x",
        "Ada\n",
        "\nAda",
        "a\rb",
        "a\u{B}b",
        "a\u{C}b",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{2029}b",
    ] {
        refused(TextKind::Line, &[broken]);
    }
    refused(TextKind::Line, &["a\tb", "a\u{0}b", "\u{0}", "bell\u{7}", "\u{9B}31m"]);
}

#[test]
fn line_ends_of_a_block_are_unified() {
    becomes(
        TextKind::Block,
        &[
            ("a\r\nb", "a\nb"),
            ("a\rb", "a\nb"),
            ("a\r\r\nb", "a\n\nb"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a\nb\nc\nd"),
            ("a\tb", "a\tb"),
        ],
    );
    refused(TextKind::Block, &["bell\u{7}", "a\u{0}", "a\u{B}b"]);
}

#[test]
fn what_scripts_and_emoji_need_stays() {
    for kind in OF_PEOPLE {
        // A family, a heart, the flag of Wales, Persian, Malayalam, Hebrew with a mark, Arabic.
        for text in [
            "👩\u{200D}👩\u{200D}👧",
            "❤\u{FE0F}",
            "🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
            "می\u{200C}خواهم",
            "ന്\u{200D}",
            "C++\u{200F} שלום",
            "شاي (250g)\u{200E}",
            "\u{2067}שלום\u{2069} tea",
            "\u{202B}שלום\u{202C} tea",
        ] {
            becomes(kind, &[(text, text)]);
        }
    }
}

#[test]
fn directions_do_not_reach_beyond_the_text() {
    for kind in OF_PEOPLE {
        refused(
            kind,
            &["gnp.\u{202E}exe", "\u{202D}x\u{202C}", "\u{2067}open", "\u{202B}open", "a \u{2068}b\u{202C}"],
        );
    }
    refused(TextKind::Block, &["\u{2067}a\nb\u{2069}"]);
}

#[test]
fn secrets_and_tokens_are_not_touched() {
    refused(TextKind::Password, &["tab\tin it", "line\nin it", "\u{0}"]);
    becomes(TextKind::Password, &[("foo\u{1680}bar", "foo\u{1680}bar"), ("ﬁ \u{3000}", "ﬁ \u{3000}")]);
    becomes(TextKind::Token, &[("tok_1 a", "tok_1 a"), ("", "")]);
    refused(TextKind::Token, &[" tok", "tok\n", "t\u{F6}k", "tok\u{200B}"]);
    becomes(TextKind::Query, &[("😀\ntea\t%", "😀\ntea\t%")]);
    refused(TextKind::Query, &["tea\u{0}"]);
}

#[test]
fn addresses() {
    for good in [
        "ada@example.com",
        "zoë@example.com",
        "用户@例子.广告",
        "अजय@डाटा.भारत",
        "ada@bücher.example",
        "δοκιμή@παράδειγμα.δοκιμή",
        "a@例え。テスト",
    ] {
        becomes(TextKind::Email, &[(good, good)]);
    }
    becomes(TextKind::Email, &[(" ada@example.com ", "ada@example.com"), ("", "")]);
    let (long, longer) =
        (format!("{}@example.com", "a".repeat(65)), format!("{}@example.com", "ä".repeat(33)));
    refused(
        TextKind::Email,
        &[
            "ada",
            "ada@",
            "a b@example.com",
            "ada@example",
            "ada@-x.com",
            "zoë@",
            "zoë@example",
            "@bücher.example",
            "zoë x@example.com",
            "zoë\u{A0}@example.com",
            "zo\u{200B}ë@example.com",
            "zoë@bücher..example",
            "zoë\n@example.com",
            "zoë@@example.com",
            "\"zoë\"@example.com",
            "zoë@[127.0.0.1]",
            "zoë@ex\u{2028}ample.com",
            &long,
            &longer,
        ],
    );
}

#[test]
fn identifiers() {
    becomes(
        TextKind::Uuid,
        &[("7C9E6679-7425-40DE-944B-E07FC1F90AE7", "7c9e6679-7425-40de-944b-e07fc1f90ae7")],
    );
    refused(
        TextKind::Uuid,
        &["", "7c9e6679742540de944be07fc1f90ae7", "{7c9e6679-7425-40de-944b-e07fc1f90ae7}"],
    );
    becomes(TextKind::Region, &[("GB", "GB"), ("", "")]);
    refused(TextKind::Region, &["ZZ", "gb", "UK"]);
}

proptest! {
    #[test]
    fn a_form_is_final_and_composed(text in "(\\PC|[\\s\u{0}\u{85}\u{200B}\u{2028}\u{202B}\u{2067}\u{301}\u{1112}\u{1161}]){0,40}") {
        for kind in [TextKind::Line, TextKind::Block, TextKind::Query, TextKind::Password, TextKind::Email, TextKind::Uuid] {
            let mut once = text.clone();
            normalize(&mut once, kind);
            let mut twice = once.clone();
            normalize(&mut twice, kind);
            prop_assert_eq!(&once, &twice);
            if kind != TextKind::Uuid {
                prop_assert!(unicode_normalization::is_nfc(&once));
            }
        }
    }
}
