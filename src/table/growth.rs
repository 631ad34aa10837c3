//! Vectors that grow with the rows: by an eighth, or where the system maps them apart.

/// Writes at a place, behind as many that stand for nothing as it takes.
pub(super) fn set_or_extend<T: Copy>(all: &mut Vec<T>, at: usize, value: T, none: T) {
    if let Some(place) = all.get_mut(at) {
        *place = value;
        return;
    }
    fill(all, at, none);
    push(all, value);
}

/// Appends some from a place on.
pub(super) fn extend_at<T: Copy>(
    all: &mut Vec<T>,
    at: usize,
    values: impl Iterator<Item = T>,
    none: T,
) {
    fill(all, at.max(all.len()), none);
    for value in values {
        push(all, value);
    }
}

/// Appends. A vector that is full grows by an eighth, not to twice its size: of a million rows a half would be empty.
pub(super) fn push<T>(all: &mut Vec<T>, value: T) {
    if all.len() == all.capacity() {
        all.reserve_exact((all.len() / 8).max(1024));
    }
    all.push(value);
}

/// Fills up to a length.
pub(super) fn fill<T: Clone>(all: &mut Vec<T>, length: usize, value: T) {
    if length > all.capacity() {
        all.reserve_exact((length - all.len()).max(all.len() / 8));
    }
    all.resize(length, value);
}

/// Appends some.
pub(super) fn extend<T: Copy>(all: &mut Vec<T>, values: &[T]) {
    if all.len() + values.len() > all.capacity() {
        all.reserve_exact(values.len().max(all.len() / 8).max(1024));
    }
    all.extend_from_slice(values);
}

/// So much at once the system maps apart from all else: it grows where it is then, and is not copied each time.
const MAPPED_BYTES: usize = 4 << 20;

/// Makes room for what is going to be large. What is not written takes no memory.
pub(super) fn reserve_mapped<T>(all: &mut Vec<T>) {
    reserve(all, MAPPED_BYTES / size_of::<T>().max(1));
}

/// Room for so many in all.
pub(super) fn reserve<T>(all: &mut Vec<T>, rows: usize) {
    all.reserve_exact(rows.saturating_sub(all.len()));
}
