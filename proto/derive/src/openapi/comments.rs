//! The comments of the contracts, as Markdown.

use prost_reflect::FileDescriptor;

/// The comment before the declaration at `path`; empty without one.
pub fn of(file: &FileDescriptor, path: &[i32]) -> String {
    let locations = file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location);
    let comment = locations.into_iter().find(|location| location.path == path);
    unwrapped(comment.and_then(|location| location.leading_comments.as_deref()).unwrap_or_default())
}

/// Lines of a paragraph joined, paragraphs apart.
fn unwrapped(comment: &str) -> String {
    let mut text = String::new();
    for line in comment.lines().map(str::trim) {
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}

/// The first sentence, without its full stop.
pub fn first_sentence(text: &str) -> &str {
    let begins = |rest: &str| rest.starts_with(|letter: char| letter.is_uppercase() || letter == '`');
    let end = text.match_indices(['.', ':']).map(|(at, _)| at).find(|at| {
        let rest = &text[at + 1..];
        rest.is_empty() || rest.strip_prefix([' ', '\n']).is_some_and(begins)
    });
    &text[..end.unwrap_or(text.len())]
}

/// Names of fields between backticks as JSON has them: `display_name` becomes `displayName`.
pub fn with_json_names(text: &str) -> String {
    let mut parts: Vec<String> = text.split('`').map(str::to_owned).collect();
    for code in parts.iter_mut().skip(1).step_by(2) {
        let mut words = code.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        *code = words.fold(first, |name, word| {
            let (initial, rest) = word.split_at(word.len().min(1));
            name + &initial.to_ascii_uppercase() + rest
        });
    }
    parts.join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_paragraphs_kept() {
        assert_eq!(unwrapped(" One\n two.\n\n Three.\n"), "One two.\n\nThree.");
    }

    #[test]
    fn names_are_those_of_json() {
        assert_eq!(with_json_names("Any of `display_name`, `locale`."), "Any of `displayName`, `locale`.");
        assert_eq!(with_json_names("no_code"), "no_code");
    }

    #[test]
    fn a_sentence_ends_where_the_next_begins() {
        assert_eq!(first_sentence("Gets an account. `users/me` is the caller's own."), "Gets an account");
        assert_eq!(first_sentence("Within 1.5 s of it."), "Within 1.5 s of it");
        assert_eq!(first_sentence("Stock: how many."), "Stock: how many");
    }
}
