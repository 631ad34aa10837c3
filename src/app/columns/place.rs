//! Column widths: fixed ones, elastic ones by weight, and what is left out when there is no room.

/// A column of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its title.
    pub title: &'static str,
    /// Columns of the terminal that it needs.
    pub min_width: u16,
    /// Its share of what is left over; 0 for a fixed one.
    pub weight: u16,
    /// The lowest goes last when there is no room.
    pub priority: u8,
}

/// A column with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnLayout {
    /// Which of the columns.
    pub index: usize,
    /// Where it starts, from the left of the room.
    pub x: u16,
    /// How wide it is.
    pub width: u16,
}

/// Places columns in a room, with a blank column between two.
pub fn layout_widths(columns: &[ColumnSpec], room: u16) -> Vec<ColumnLayout> {
    layout_widths_for_content(columns, &[], room)
}

/// The same where it is known how wide what stands in each column is: what is left over goes to those that are cut
/// short first, and only then to all by weight.
pub fn layout_widths_for_content(
    columns: &[ColumnSpec],
    content: &[u16],
    room: u16,
) -> Vec<ColumnLayout> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let need = |kept: &[usize]| {
        kept.iter()
            .map(|index| columns[*index].min_width + 1)
            .sum::<u16>()
            .saturating_sub(1)
    };
    while kept.len() > 1 && need(&kept) > room {
        let worst = kept
            .iter()
            .copied()
            .max_by_key(|index| columns[*index].priority);
        kept.retain(|index| Some(*index) != worst);
    }
    let mut spare = room.saturating_sub(need(&kept));
    let mut more = vec![0; columns.len()];
    grow_to_content(columns, content, &kept, &mut more, &mut spare);
    let weights: u16 = kept.iter().map(|index| columns[*index].weight).sum();
    let mut at = 0;
    let mut given = 0;
    let mut seen = 0;
    let mut placed = Vec::with_capacity(kept.len());
    for index in kept {
        let column = columns[index];
        seen += column.weight;
        // Shares are cut from the whole, so that they add up to it.
        let until = if weights == 0 {
            0
        } else {
            (u32::from(spare) * u32::from(seen) / u32::from(weights)) as u16
        };
        let width = (column.min_width + more[index] + until - given).min(room.saturating_sub(at));
        given = until;
        placed.push(ColumnLayout {
            index,
            x: at,
            width,
        });
        at += width + 1;
    }
    placed
}

/// Gives elastic columns what their content wants, by weight, while there is any left.
fn grow_to_content(
    columns: &[ColumnSpec],
    content: &[u16],
    kept: &[usize],
    more: &mut [u16],
    spare: &mut u16,
) {
    let wants = |index: usize, more: &[u16]| {
        let column = columns[index];
        let wide = content.get(index).copied().unwrap_or(0);
        if column.weight == 0 {
            return 0;
        }
        wide.saturating_sub(column.min_width + more[index])
    };
    loop {
        let short: Vec<usize> = kept
            .iter()
            .copied()
            .filter(|index| wants(*index, more) > 0)
            .collect();
        let weights: u32 = short
            .iter()
            .map(|index| u32::from(columns[*index].weight))
            .sum();
        if *spare == 0 || weights == 0 {
            return;
        }
        let whole = u32::from(*spare);
        for index in short {
            let share = (whole * u32::from(columns[index].weight) / weights).max(1) as u16;
            let share = share.min(wants(index, more)).min(*spare);
            more[index] += share;
            *spare -= share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[ColumnSpec] = &[
        ColumnSpec {
            title: "a",
            min_width: 5,
            weight: 0,
            priority: 0,
        },
        ColumnSpec {
            title: "b",
            min_width: 10,
            weight: 2,
            priority: 1,
        },
        ColumnSpec {
            title: "c",
            min_width: 8,
            weight: 1,
            priority: 2,
        },
    ];

    #[test]
    fn columns_fill_the_room_exactly() {
        for room in 25..200 {
            let placed = layout_widths(COLUMNS, room);
            let last = placed[2];
            assert_eq!(placed.len(), 3);
            assert_eq!(last.x + last.width, room);
            assert_eq!(placed[0].width, 5);
        }
    }

    #[test]
    fn the_least_important_column_goes_first() {
        assert_eq!(
            layout_widths(COLUMNS, 20)
                .iter()
                .map(|placed| placed.index)
                .collect::<Vec<_>>(),
            [0, 1]
        );
        assert_eq!(
            layout_widths(COLUMNS, 3),
            [ColumnLayout {
                index: 0,
                x: 0,
                width: 3
            }]
        );
    }

    #[test]
    fn what_is_cut_short_is_given_room_before_what_is_not() {
        let widths = |content: &[u16]| -> Vec<u16> {
            layout_widths_for_content(COLUMNS, content, 45)
                .iter()
                .map(|placed| placed.width)
                .collect()
        };
        assert_eq!(widths(&[0, 10, 28]), [5, 10, 28], "the second has enough");
        assert_eq!(widths(&[0, 30, 8]), [5, 30, 8]);
        // A fixed column takes no more than it is given, whatever stands in it.
        assert_eq!(widths(&[40, 0, 0]), widths(&[]));
        for wide in 0..60 {
            for other in 0..60 {
                let sum: u16 = widths(&[wide, other, wide]).iter().sum();
                assert_eq!(sum, 43, "{wide} {other}");
            }
        }
    }
}
