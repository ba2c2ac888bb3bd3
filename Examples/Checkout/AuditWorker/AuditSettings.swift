import Foundation

/// What `audit-worker` is told at start.
struct AuditSettings: Sendable {
    /// Where the trail lies.
    var data: URL
}
