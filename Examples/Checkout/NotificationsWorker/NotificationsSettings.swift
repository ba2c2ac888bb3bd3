import Foundation

/// What `notifications-worker` is told at start.
struct NotificationsSettings: Sendable {
    /// Mails lie here under `mail`, webhooks that still have to be sent under `webhooks`.
    var data: URL
    /// Where webhooks go; nil: there are none.
    var webhook: URL?
}
