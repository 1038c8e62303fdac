//! From paths to a [`FileSource`]: which files are captures, and when each begins.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use super::{Active, FileSource, Waiting};
use crate::batch::Batch;
use crate::frame::{CaptureId, Timestamp};
use crate::source::file::FileOptions;
use crate::source::file::input::{self, Input};
use crate::source::file::reader::Reader;
use crate::source::file::walk::{self, Found};
use crate::source::filter::FilterSet;
use crate::source::{CaptureInfo, SourceError, SourceProblem};

/// Bytes read of a capture to learn its first time.
const PEEK_BYTES: usize = 4 << 10;
/// Most captures that [`CaptureId`] can number.
const CAPTURES: usize = 1 << 16;

/// What was found under one of the paths given, where that is a folder.
#[derive(Clone, Copy, Default)]
struct Folder {
    /// Files that are no captures.
    passed_over: u64,
    /// Whether there is a capture.
    captures: bool,
}

impl FileSource {
    /// Opens captures and folders of captures; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Where none of them can be read, the first error; a filter that libpcap refuses. Where some can be read,
    /// the others are in [`crate::Source::captures`] with [`SourceProblem::NotOpened`].
    pub fn open(paths: &[PathBuf], options: FileOptions) -> Result<Self, SourceError> {
        let mut source = Self::empty(options)?;
        let found = walk::files(paths, source.options.folder_depth);
        let alone = found.len() == 1;
        let mut first_error = None;
        let mut folders = vec![Folder::default(); paths.len()];
        let mut known = HashSet::new();
        for found in found {
            if is_new(&found, &mut known, &mut folders) {
                source.add(found, alone, &mut folders, &mut first_error)?;
            }
        }
        for (path, folder) in paths.iter().zip(folders) {
            if path.is_dir() && !folder.captures {
                let name = path.display().to_string();
                let error = match fs::read_dir(path) {
                    Ok(_) => SourceError::EmptyFolder { path: name.clone(), files: folder.passed_over },
                    Err(error) => input::refusal(&name, error),
                };
                source.not_opened(error, name, &mut first_error);
            }
        }
        if source.infos.iter().all(|info| matches!(info.problem, Some(SourceProblem::NotOpened { .. }))) {
            return Err(first_error.unwrap_or(SourceError::NothingGiven));
        }
        source.waiting.make_contiguous().sort_by_key(|waiting| (waiting.first, waiting.capture));
        Ok(source)
    }

    /// Reads a capture from any reader; `name` stands for its path.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn from_reader(
        name: &str,
        reader: Box<dyn Read + Send>,
        options: FileOptions,
    ) -> Result<Self, SourceError> {
        let mut source = Self::empty(options)?;
        let input = Input::from_reader(name, reader, None, source.options.zstd_window_bytes)?;
        let reader = Reader::from_input(name, input, CaptureId(0), &source.options)?;
        source.total_bytes = None;
        source.infos.push(reader.info.clone());
        source.active.push(Active::new(reader, Batch::default(), CaptureId(0)));
        Ok(source)
    }

    fn empty(options: FileOptions) -> Result<Self, SourceError> {
        Ok(Self {
            infos: Vec::new(),
            waiting: VecDeque::new(),
            active: Vec::new(),
            order: 0,
            filter: options.filter.as_deref().map(FilterSet::new).transpose()?,
            options,
            finished_bytes: 0,
            total_bytes: Some(0),
            passed_over: 0,
        })
    }

    /// Takes a file in: opens it, and reads its first time where there are others to merge it with.
    fn add(
        &mut self,
        found: Found,
        alone: bool,
        folders: &mut [Folder],
        first_error: &mut Option<SourceError>,
    ) -> Result<(), SourceError> {
        let Ok(number) = u16::try_from(self.infos.len()) else {
            return Err(SourceError::TooMany { found: self.infos.len() + 1, limit: CAPTURES });
        };
        let capture = CaptureId(number);
        let folder = found.folder.and_then(|index| folders.get_mut(index));
        match (Reader::open(&found.path, capture, &self.options), folder) {
            (Err(error), Some(folder))
                if is_no_capture(&error) && !walk::is_named_as_capture(&found.path) =>
            {
                folder.passed_over += 1;
                self.passed_over += 1;
            }
            (result, folder) => {
                if let Some(folder) = folder {
                    folder.captures = true;
                }
                match result {
                    Ok(reader) => self.plan(found.path, capture, reader, alone),
                    Err(error) => self.not_opened(error, found.path.display().to_string(), first_error),
                }
            }
        }
        Ok(())
    }

    /// Puts a capture among those to be read. It is closed again where it can be opened twice, so that any
    /// number of captures can wait.
    fn plan(&mut self, path: PathBuf, capture: CaptureId, mut reader: Reader, alone: bool) {
        self.total_bytes = self.total_bytes.zip(reader.info.size).map(|(sum, size)| sum + size);
        self.infos.push(reader.info.clone());
        let mut batch = Batch::default();
        let mut first = Timestamp::from_nanos(i64::MIN);
        if !alone {
            if !reader.fill(&mut batch, PEEK_BYTES) {
                return self.finish(capture, &reader);
            }
            first = batch.heads.first().map_or(first, |head| head.time);
        }
        let open = (alone || reader.is_pipe()).then(|| Box::new((reader, batch)));
        self.waiting.push_back(Waiting { path, capture, first, open });
    }

    fn not_opened(&mut self, error: SourceError, name: String, first_error: &mut Option<SourceError>) {
        let problem = Some(SourceProblem::NotOpened { reason: error.to_string() });
        self.infos.push(CaptureInfo { name, problem, ..CaptureInfo::default() });
        first_error.get_or_insert(error);
    }
}

/// Whether a file has not been taken in already, by whatever path: its frames happened once. What has no canonical path
/// (`-`, a missing file) counts as new, for whoever opens it to complain.
fn is_new(found: &Found, known: &mut HashSet<PathBuf>, folders: &mut [Folder]) -> bool {
    let new = fs::canonicalize(&found.path).map_or(true, |path| known.insert(path));
    if let Some(folder) = found.folder.and_then(|index| folders.get_mut(index)).filter(|_| !new) {
        folder.captures = true;
    }
    new
}

/// Whether a file in a folder is passed over because of this error: it is something else than a capture.
fn is_no_capture(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::NotACapture { .. }
            | SourceError::Packed { .. }
            | SourceError::EmptyFile { .. }
            | SourceError::BadCompression { .. }
    )
}
