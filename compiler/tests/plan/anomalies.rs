//! Nodes that are not as anybody left them.
