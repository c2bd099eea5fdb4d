//! Tables for people, JSON for machines.

use std::{fs, io::Write, path::Path};

use serde::Serialize;

use crate::machine::Machine;

/// One row of figures.
pub trait Row: Serialize {
    /// Names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The figures as shown, one per column.
    fn cells(&self) -> Vec<String>;
}

#[derive(Serialize)]
struct Report<'r, R> {
    benchmark: &'r str,
    version: &'static str,
    machine: Machine,
    rows: &'r [R],
}

/// Prints the rows and writes them to `bench/results/<benchmark>.json`.
pub fn write<R: Row>(benchmark: &str, rows: &[R]) -> anyhow::Result<()> {
    let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
    let widths: Vec<usize> = R::COLUMNS
        .iter()
        .enumerate()
        .map(|(column, name)| {
            cells.iter().map(|row| row[column].len()).chain([name.len()]).max().unwrap_or(0)
        })
        .collect();
    let mut out = std::io::stdout().lock();
    let mut line = |row: &[&str]| {
        let padded = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        writeln!(out, "| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    line(R::COLUMNS)?;
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&rules.iter().map(String::as_str).collect::<Vec<_>>())?;
    for row in &cells {
        line(&row.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    let report = Report { benchmark, version: env!("CARGO_PKG_VERSION"), machine: Machine::here(), rows };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("results").join(format!("{benchmark}.json"));
    fs::create_dir_all(file.parent().expect("a folder above the file"))?;
    fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    writeln!(out, "\nwritten to bench/results/{benchmark}.json")?;
    Ok(())
}
