//! Swatches and their colors.

/// Red, green and blue, 0xRRGGBB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub i64);

/// A swatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// `samples/...`.
    pub name: String,
    /// As it looks.
    pub color: Color,
}

/// What an import does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// There was none of the name.
    Add,
    /// Another color takes the place of the known one.
    Recolor,
    /// It is known as it is.
    Nothing,
}

/// What has to be done for `wanted` where `known` is.
pub fn decide(known: Option<&Sample>, wanted: &Sample) -> Import {
    match known {
        None => Import::Add,
        Some(known) if known == wanted => Import::Nothing,
        Some(_) => Import::Recolor,
    }
}
