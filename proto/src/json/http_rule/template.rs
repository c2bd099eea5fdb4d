//! Path templates: `/v1/{name=orders/*}:cancel`.

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Exactly this text.
    Literal(String),
    /// Any one segment.
    Any,
    /// Any rest, of any length.
    Rest,
}

/// A field that takes a part of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Dotted path of the field.
    pub field: String,
    /// First segment.
    pub from: usize,
    /// Behind the last segment; none is the end of the path.
    pub to: Option<usize>,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What the path must be.
    pub segments: Vec<Segment>,
    /// What is read from it.
    pub variables: Vec<Variable>,
    /// Text behind the last colon.
    pub verb: Option<String>,
}

/// A template outside the grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path template `{template}`: {problem}")]
pub struct TemplateError {
    template: String,
    problem: &'static str,
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let fail = |problem| TemplateError { template: text.to_owned(), problem };
        let rest = text.strip_prefix('/').ok_or_else(|| fail("begins with `/`"))?;
        let (rest, verb) = split_verb(rest);
        let mut template =
            Self { segments: Vec::new(), variables: Vec::new(), verb: verb.map(str::to_owned) };
        for part in split_outside_braces(rest) {
            let Some(inner) = part.strip_prefix('{') else {
                template.segments.push(segment(part).ok_or_else(|| fail("an empty or odd segment"))?);
                continue;
            };
            let inner = inner.strip_suffix('}').ok_or_else(|| fail("a brace that does not close"))?;
            let (field, pattern) = inner.split_once('=').unwrap_or((inner, "*"));
            if field.is_empty() || pattern.contains(['{', '}']) {
                return Err(fail("a variable is `{field}` or `{field=segments}`"));
            }
            let from = template.segments.len();
            for part in pattern.split('/') {
                template.segments.push(segment(part).ok_or_else(|| fail("an empty or odd segment"))?);
            }
            let open = template.segments.last() == Some(&Segment::Rest);
            let to = (!open).then_some(template.segments.len());
            template.variables.push(Variable { field: field.to_owned(), from, to });
        }
        let rests = template.segments.iter().filter(|segment| **segment == Segment::Rest).count();
        if rests > 1 || (rests == 1 && template.segments.last() != Some(&Segment::Rest)) {
            return Err(fail("`**` stands last"));
        }
        Ok(template)
    }
}

/// `/` alone is no segment.
fn split_outside_braces(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (index, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if start < text.len() || !parts.is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

fn split_verb(text: &str) -> (&str, Option<&str>) {
    match text.rfind(':') {
        Some(colon) if !text[colon..].contains(['/', '}']) => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    }
}

fn segment(text: &str) -> Option<Segment> {
    match text {
        "" => None,
        "*" => Some(Segment::Any),
        "**" => Some(Segment::Rest),
        odd if odd.contains(['{', '}', '*']) => None,
        literal => Some(Segment::Literal(literal.to_owned())),
    }
}
