//! Row numbers of the tables, one type each so that they can't be mixed up.

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The row as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

row_id!(
    /// Row of a [`crate::StringTable`]; 0 is the empty string.
    StringId
);
row_id!(
    /// Row of a [`crate::FunctionTable`].
    FunctionId
);
row_id!(
    /// Row of a [`crate::MappingTable`]; 0 is "no mapping".
    MappingId
);
row_id!(
    /// Row of a [`crate::FrameTable`].
    FrameId
);
row_id!(
    /// Row of a [`crate::StackTable`]; 0 is the root, the empty stack.
    StackId
);
row_id!(
    /// Row of [`crate::AttributeSets`]; 0 is the empty set.
    AttributeSetId
);

impl StringId {
    /// The empty string.
    pub const EMPTY: Self = Self(0);
}

impl MappingId {
    /// No mapping known.
    pub const NONE: Self = Self(0);
}

impl StackId {
    /// The empty stack.
    pub const ROOT: Self = Self(0);
}

impl AttributeSetId {
    /// The empty set.
    pub const EMPTY: Self = Self(0);
}
