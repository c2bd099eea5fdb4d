//! Moved ciphertexts.
