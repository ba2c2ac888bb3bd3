import Foundation

/// What `ledger-worker` is told at start.
struct LedgerSettings: Sendable {
    /// Where the ledger lies.
    var data: URL
}
