//! The closed error vocabulary of the services and its total mapping to gRPC statuses (google.rpc, AIP-193).
//!
//! The text of an internal error is logged once, when it becomes a status, and never sent.

use std::{borrow::Cow, collections::HashMap, fmt, time::Duration};

use shopmesh_proto::{status::ERROR_DOMAIN, validate::MAX_VIOLATIONS};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::db::DbError;

/// When to try again after the storage failed: people have to look at it.
const STORAGE_PATIENCE: Duration = Duration::from_secs(30);

/// Result with the services' error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is; decides the gRPC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong whatever the state.
    InvalidArgument,
    /// The request is right, the state forbids it.
    FailedPrecondition,
    /// The resource does not exist, or the caller may not know that it does.
    NotFound,
    /// The resource to create exists.
    AlreadyExists,
    /// The caller is known and may not.
    PermissionDenied,
    /// The caller is not known.
    Unauthenticated,
    /// Lost a race; read again and retry.
    Aborted,
    /// A quota or rate is used up.
    ResourceExhausted,
    /// Try again later.
    Unavailable,
    /// Time ran out; the outcome is unknown.
    DeadlineExceeded,
    /// A defect on our side.
    Internal,
    /// What was stored is damaged: to repeat the call does not help, to restore a backup does.
    DataLoss,
}

impl ErrorKind {
    /// The gRPC code.
    pub fn code(self) -> Code {
        match self {
            Self::InvalidArgument => Code::InvalidArgument,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::NotFound => Code::NotFound,
            Self::AlreadyExists => Code::AlreadyExists,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Aborted => Code::Aborted,
            Self::ResourceExhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Internal => Code::Internal,
            Self::DataLoss => Code::DataLoss,
        }
    }

    /// The kind of a peer's answer; codes that tell of a defect become `Internal`, as does what a peer has lost: nothing of ours is.
    fn of_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::InvalidArgument,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::AlreadyExists,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::Aborted => Self::Aborted,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::Unavailable | Code::Cancelled => Self::Unavailable,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
                Self::Internal
            }
        }
    }

    fn default_reason(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::NotFound => "RESOURCE_NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Aborted => "ABORTED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::Unavailable => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Internal => "INTERNAL",
            Self::DataLoss => "DATA_LOSS",
        }
    }
}

/// A failure of a service: kind, machine readable reason, text for the caller, details.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    reason: Cow<'static, str>,
    message: String,
    fields: Vec<(String, String)>,
    preconditions: Vec<(String, String, String)>,
    resource: Option<String>,
    retry_after: Option<Duration>,
    metadata: HashMap<String, String>,
    /// Never sent.
    source: Option<anyhow::Error>,
    /// A peer's answer, passed on with its details.
    answer: Option<Status>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            reason: Cow::Borrowed(kind.default_reason()),
            message: message.into(),
            fields: Vec::new(),
            preconditions: Vec::new(),
            resource: None,
            retry_after: None,
            metadata: HashMap::new(),
            source: None,
            answer: None,
        }))
    }

    /// INVALID_ARGUMENT: `field` is wrong because of `problem`, which also says what to do.
    pub fn invalid(field: &str, problem: impl Into<String>) -> Self {
        Self::invalid_reason(ErrorKind::InvalidArgument.default_reason(), field, problem)
    }

    /// INVALID_ARGUMENT with a reason of its own.
    pub fn invalid_reason(reason: &'static str, field: &str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        let mut error = Self::new(ErrorKind::InvalidArgument, format!("{field}: {problem}"));
        error.0.reason = Cow::Borrowed(reason);
        error.0.fields.push((field.to_owned(), problem));
        error
    }

    /// FAILED_PRECONDITION: the state of `subject` forbids it. `kind` is a word of the contract, such as `STOCK`,
    /// `STATE`, `LIMIT` or `PRICE_CHANGED`; it is the reason too.
    pub fn precondition(kind: &'static str, subject: impl Into<String>, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        let mut error = Self::new(ErrorKind::FailedPrecondition, problem.clone());
        error.0.reason = Cow::Borrowed(kind);
        error.with_violation(kind, subject, problem)
    }

    /// Adds a violated precondition.
    #[must_use]
    pub fn with_violation(
        mut self,
        kind: &str,
        subject: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        self.0.preconditions.push((kind.to_owned(), subject.into(), problem.into()));
        self
    }

    /// Replaces the machine readable reason.
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.0.reason = Cow::Borrowed(reason);
        self
    }

    /// Adds a machine readable fact to `ErrorInfo.metadata`, such as the resource to look at. An empty one is left out: real Envoy 1.40
    /// dies of a map entry without a value.
    #[must_use]
    pub fn with_metadata(mut self, key: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.metadata.insert(key.to_owned(), value);
        }
        self
    }

    /// Tells the caller when to try again (`RetryInfo`).
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// NOT_FOUND: no `resource` (a resource name) for this caller.
    pub fn not_found(resource: &str) -> Self {
        let mut error = Self::new(ErrorKind::NotFound, format!("{resource} was not found"));
        error.0.resource = Some(resource.to_owned());
        error
    }

    /// ALREADY_EXISTS.
    pub fn already_exists(resource: &str, problem: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::AlreadyExists, problem);
        error.0.resource = Some(resource.to_owned());
        error
    }

    /// ABORTED: the caller lost a race and may read again and retry.
    pub fn aborted(reason: &'static str, problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Aborted, problem).with_reason(reason)
    }

    /// PERMISSION_DENIED.
    pub fn denied(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::PermissionDenied, problem)
    }

    /// UNAUTHENTICATED.
    pub fn unauthenticated(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthenticated, problem)
    }

    /// RESOURCE_EXHAUSTED; the caller may retry after `delay`.
    pub fn exhausted(problem: impl Into<String>, delay: Duration) -> Self {
        Self::new(ErrorKind::ResourceExhausted, problem).with_retry_after(delay)
    }

    /// UNAVAILABLE: try again.
    pub fn unavailable(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, problem)
    }

    /// DEADLINE_EXCEEDED: the outcome is unknown.
    pub fn deadline(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::DeadlineExceeded, problem)
    }

    /// INTERNAL: a defect. `source` is logged, the caller sees nothing of it.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::new(ErrorKind::Internal, "internal error").caused_by(source)
    }

    /// Keeps what is to be logged and not sent.
    fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The machine readable reason.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The text for the caller.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    fn details(&self) -> ErrorDetails {
        let inner = &self.0;
        let mut details = ErrorDetails::with_error_info(&*inner.reason, ERROR_DOMAIN, inner.metadata.clone());
        for (field, problem) in inner.fields.iter().take(MAX_VIOLATIONS) {
            details.add_bad_request_violation(field, problem);
        }
        for (kind, subject, problem) in inner.preconditions.iter().take(MAX_VIOLATIONS) {
            details.add_precondition_failure_violation(kind, subject, problem);
        }
        if let Some(name) = &inner.resource {
            let collection = name.split('/').next().unwrap_or_default();
            details.set_resource_info(collection, name, "", "");
        }
        if inner.retry_after.is_some() {
            details.set_retry_info(inner.retry_after);
        }
        details
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        if let Some(source) = &error.0.source {
            tracing::error!(kind = ?error.0.kind, error = format!("{source:#}"), "a call failed");
        }
        let details = error.details();
        match error.0.answer {
            Some(answer) => answer,
            None => Status::with_error_details(error.0.kind.code(), error.0.message, details),
        }
    }
}

impl From<Status> for Error {
    /// A peer's answer: code, text and details are kept, unless it tells of a defect, which becomes internal.
    fn from(status: Status) -> Self {
        let kind = ErrorKind::of_code(status.code());
        if kind == ErrorKind::Internal {
            return Self::internal(anyhow::anyhow!(
                "a peer answered {:?}: {}",
                status.code(),
                status.message()
            ));
        }
        let mut error = Self::new(kind, status.message());
        if let Some(info) = status.get_details_error_info() {
            error.0.reason = Cow::Owned(info.reason);
        }
        let details = bytes::Bytes::copy_from_slice(status.details());
        error.0.answer = Some(Status::with_details(kind.code(), status.message(), details));
        error
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        let told = match &error {
            DbError::Busy | DbError::Closed => Self::unavailable("the database is busy; try again"),
            DbError::Full => Self::unavailable("nothing can be stored now; try again later")
                .with_reason("STORAGE_FULL")
                .with_retry_after(STORAGE_PATIENCE),
            DbError::Storage(_) => Self::unavailable("the storage fails; try again later")
                .with_reason("STORAGE_FAILED")
                .with_retry_after(STORAGE_PATIENCE),
            DbError::Damaged(_) => {
                Self::new(ErrorKind::DataLoss, "what is stored is damaged and has to be restored")
                    .with_reason("STORAGE_DAMAGED")
            }
            _ => return Self::internal(error),
        };
        told.caused_by(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.message)?;
        match &self.0.source {
            Some(source) => write!(f, ": {source:#}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {self}", self.0.kind)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_text_is_never_sent() {
        let status = Status::from(Error::internal(anyhow::anyhow!("password of the database")));
        assert_eq!(status.code(), Code::Internal);
        assert!(!format!("{status:?}").contains("password"));
    }

    #[test]
    fn details_reach_the_caller_and_pass_through_a_service() {
        let error = Error::precondition("STOCK", "products/p", "only 2 left").with_violation(
            "STOCK",
            "products/q",
            "none",
        );
        let status = Status::from(Error::from(Status::from(error)));
        assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "only 2 left"));
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "STOCK");
        assert_eq!(details.precondition_failure().unwrap().violations.len(), 2);
    }

    #[test]
    fn damage_is_data_loss_and_only_of_whose_it_is() {
        let status = Status::from(Error::from(DbError::Damaged("page 3 of /data".to_owned())));
        assert_eq!(status.code(), Code::DataLoss);
        assert_eq!(status.get_details_error_info().unwrap().reason, "STORAGE_DAMAGED");
        assert!(!format!("{status:?}").contains("page 3"));
        assert_eq!(Error::from(status).kind(), ErrorKind::Internal);
    }

    #[test]
    fn a_peers_defect_is_internal() {
        let error = Error::from(Status::unknown("stack trace"));
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(Status::from(error).message(), "internal error");
    }
}
