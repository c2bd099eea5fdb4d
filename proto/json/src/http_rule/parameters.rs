//! The query parameters of a rule (google/api/http.proto): every field that neither path nor body holds.

use super::binding::{Binding, BindingOptions, Bound, RequestError, UnknownQuery, violation};
use super::query::{self, MALFORMED};
use super::rule::BodyUse;
use crate::{
    codec::JsonCodec,
    error::JsonError,
    field_path::{FieldPath, LeafClass, PathTarget},
};

/// More query parameters than this are refused.
const MAX_PARAMETERS: usize = 1000;
/// More values of one repeated field than this are refused.
const MAX_VALUES: usize = 100;

impl Binding {
    /// Reads the query into `bound`, whose path is read already.
    pub(super) fn bind_query(
        &self,
        codec: &JsonCodec,
        query: &str,
        options: &BindingOptions,
        bound: &mut Bound,
        violations: &mut Vec<(String, String)>,
    ) -> Result<(), RequestError> {
        for (at, (name, value)) in query::parameters(query).enumerate() {
            if at == MAX_PARAMETERS {
                return Err(RequestError::invalid(
                    "",
                    &format!("more than {MAX_PARAMETERS} query parameters"),
                ));
            }
            let decoded = query::decode_parameter(name, options.plus_is_space)
                .zip(query::decode_parameter(value, options.plus_is_space));
            let Some((name, value)) = decoded else {
                violations.push((name.to_owned(), MALFORMED.to_owned()));
                continue;
            };
            if options.ignored_query_parameters.contains(&name) {
                continue;
            }
            match codec.path_target(self.input, &name) {
                PathTarget::Field(path) => {
                    let written = self.bind_parameter(codec, path, &name, &value, options, bound);
                    violations.extend(written.err().map(violation));
                }
                PathTarget::Closed(path) => {
                    let problem = format!("{} cannot be given by query parameters", codec.path_name(&path));
                    violations.push((name, problem));
                }
                PathTarget::Nothing => match options.unknown_query {
                    UnknownQuery::NotOurs => return Err(RequestError::NotOurs(name)),
                    UnknownQuery::Ignore => {}
                    UnknownQuery::Refuse => violations.push((name, UNKNOWN.to_owned())),
                },
            }
        }
        let given: Vec<&FieldPath> = bound.given.keys().collect();
        let rival = codec.conflict(&given, &bound.query, &[])?;
        violations.extend(rival.map(|path| (codec.path_name(path), ONEOF_CONFLICT.to_owned())));
        let other = codec.conflict(&given, &bound.path, &bound.query)?;
        violations.extend(other.map(|path| (codec.path_name(path), "differs from the path".to_owned())));
        Ok(())
    }

    fn bind_parameter(
        &self,
        codec: &JsonCodec,
        path: FieldPath,
        name: &str,
        value: &str,
        options: &BindingOptions,
        bound: &mut Bound,
    ) -> Result<(), JsonError> {
        let refuse = |problem: &str| Err(JsonError::new(problem).in_field(name));
        if self.is_held(&path) && options.unknown_query == UnknownQuery::Refuse {
            return refuse("is given by path or body, not by the query");
        }
        let given = &mut bound.given;
        match codec.leaf_class(&path) {
            LeafClass::Repeated if given.get(&path) == Some(&MAX_VALUES) => {
                return refuse(&format!("has more than {MAX_VALUES} values"));
            }
            LeafClass::Repeated => {}
            LeafClass::Scalar | LeafClass::Text => {
                // Of fields none of which is in another, the nearest ones tell.
                let before =
                    given.range(..=&path).next_back().is_some_and(|(other, _)| path.starts_with(other));
                if before || given.range(&path..).next().is_some_and(|(other, _)| other.starts_with(&path)) {
                    return refuse("is given twice");
                }
            }
            LeafClass::None => return refuse("cannot be a query parameter; name one of its fields"),
        }
        codec.bind(&path, value, &options.parse, &mut bound.query)?;
        *given.entry(path).or_default() += 1;
        Ok(())
    }

    /// Whether path or body hold this field, so that it is no query parameter.
    fn is_held(&self, path: &FieldPath) -> bool {
        self.body == BodyUse::Whole
            || self.body_path.as_ref().is_some_and(|body| path.starts_with(body))
            || self.variables.iter().any(|(variable, _)| path.starts_with(variable))
    }
}

const ONEOF_CONFLICT: &str = "another member of the same oneof is given too";

/// What a name is that leads to no field.
pub const UNKNOWN: &str = "is no query parameter of this method";
