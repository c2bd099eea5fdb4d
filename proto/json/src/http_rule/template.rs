//! Path templates such as `/v1/{name=orders/*}:cancel`.
//!
//! ```text
//! Template = "/" [ Segments ] [ ":" LITERAL ]
//! Segments = Segment { "/" Segment }
//! Segment  = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}"
//! ```
//! As in Envoy, and beyond the specification, literals may follow `**`, and `/` alone is a template.

use std::ops::Range;

use super::error::RuleError;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What each segment of a path must be.
    pub segments: Vec<Segment>,
    /// What must follow the last colon.
    pub verb: Option<String>,
    /// Which segments set which fields.
    pub variables: Vec<Variable>,
}

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Exactly this text, as written in the path.
    Literal(String),
    /// One segment that is a variable by itself: `{id}`.
    Single,
    /// `*`: one segment.
    Any,
    /// `**`: any number of segments.
    Deep,
}

/// A field set by a part of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Dotted path of the field.
    pub field: String,
    /// The template's segments that it covers.
    pub segments: Range<usize>,
    /// More than one segment can match, so that slashes separate.
    pub multi_segment: bool,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Names the template and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let mut parser = Parser { rest: text, segments: Vec::new(), variables: Vec::new() };
        let parsed = parser.template();
        let verb = parsed.map_err(|problem| RuleError(format!("path template {text:?}: {problem}")))?;
        Ok(Self { segments: parser.segments, verb, variables: parser.variables })
    }

    /// Where `**` stands.
    pub fn deep(&self) -> Option<usize> {
        self.segments.iter().position(|segment| *segment == Segment::Deep)
    }
}

struct Parser<'t> {
    rest: &'t str,
    segments: Vec<Segment>,
    variables: Vec<Variable>,
}

impl<'t> Parser<'t> {
    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn template(&mut self) -> Result<Option<String>, &'static str> {
        if !self.take("/") {
            return Err("must begin with a slash");
        }
        if !self.rest.is_empty() {
            self.segments(false)?;
        }
        let verb = if self.take(":") { Some(self.literal()?.to_owned()) } else { None };
        if !self.rest.is_empty() {
            return Err("has text behind its end");
        }
        let deep = self.segments.iter().position(|segment| *segment == Segment::Deep);
        let behind = deep.map_or(&[][..], |at| &self.segments[at + 1..]);
        if behind.iter().any(|segment| !matches!(segment, Segment::Literal(_))) {
            return Err("has a wildcard behind **");
        }
        Ok(verb)
    }

    fn segments(&mut self, in_variable: bool) -> Result<(), &'static str> {
        loop {
            if self.take("**") {
                self.segments.push(Segment::Deep);
            } else if self.take("*") {
                self.segments.push(Segment::Any);
            } else if self.take("{") {
                if in_variable {
                    return Err("has a variable inside of a variable");
                }
                self.variable()?;
            } else {
                let literal = self.literal()?.to_owned();
                self.segments.push(Segment::Literal(literal));
            }
            if !self.take("/") {
                return Ok(());
            }
        }
    }

    fn variable(&mut self) -> Result<(), &'static str> {
        let end = self.rest.find(['=', '}', '/', '{', '*']).ok_or("has a variable that is not closed")?;
        let field = &self.rest[..end];
        if field.is_empty() || field.split('.').any(|name| !is_identifier(name)) {
            return Err("has a variable that is no field path");
        }
        if self.variables.iter().any(|variable| variable.field == field) {
            return Err("has the same variable twice");
        }
        self.rest = &self.rest[end..];
        let start = self.segments.len();
        if self.take("=") {
            self.segments(true)?;
        } else {
            self.segments.push(Segment::Any);
        }
        if !self.take("}") {
            return Err("has a variable that is not closed");
        }
        let covered = &mut self.segments[start..];
        let multi_segment = covered.len() > 1 || covered[0] == Segment::Deep;
        if covered == [Segment::Any] {
            covered[0] = Segment::Single;
        }
        let segments = start..self.segments.len();
        self.variables.push(Variable { field: field.to_owned(), segments, multi_segment });
        Ok(())
    }

    fn literal(&mut self) -> Result<&'t str, &'static str> {
        let end = self.rest.find(['/', ':', '{', '}', '*', '=', '?', '#']).unwrap_or(self.rest.len());
        let (literal, rest) = self.rest.split_at(end);
        self.rest = rest;
        if literal.is_empty() { Err("has an empty segment") } else { Ok(literal) }
    }
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
