//! What is kept of all rows: in memory as long as there is room, else on disk.

pub(super) mod bitmap;
pub(super) mod chunks;
pub(super) mod collecting;
pub(super) mod external;
pub(super) mod group_fold;
pub(super) mod key_store;
pub(super) mod keyed;
pub(super) mod order_statistics;
pub(super) mod partitions;
pub(super) mod values;
