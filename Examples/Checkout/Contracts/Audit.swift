package import Foundation
package import Nest

/// Asks `audit-worker` for what it has written down, oldest first.
@Message
package struct ReadAudit: Request {
    package static let pattern: Pattern = "audit.read"
    package typealias Reply = [AuditEntry]

    /// Of this order alone; nil: of all.
    package var orderID: Int?
    /// The last number of the page before.
    package var after: Int
    package var limit: Int

    package init(orderID: Int? = nil, after: Int = 0, limit: Int) {
        self.orderID = orderID
        self.after = after
        self.limit = limit
    }
}

/// One line of the audit trail.
@Message
package struct AuditEntry: Equatable {
    /// Its place in the trail, from 1.
    package var number: Int
    package var event: String
    package var eventID: UUID
    package var order: Order
    /// When it was written down: ISO 8601, UTC.
    package var recordedAt: String

    package init(number: Int, event: String, eventID: UUID, order: Order, recordedAt: String) {
        self.number = number
        self.event = event
        self.eventID = eventID
        self.order = order
        self.recordedAt = recordedAt
    }
}
