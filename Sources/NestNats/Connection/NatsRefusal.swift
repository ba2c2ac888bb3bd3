/// What the server says about something it does not permit: `Permissions Violation for Publish to "orders.create"`.
struct NatsRefusal: Equatable {
    enum Action: Equatable {
        case publish
        case subscribe
    }

    let action: Action
    let subject: String
    private let text: String

    /// Nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        let what = parts[0].lowercased()
        guard parts.count == 3, what.contains("permissions violation for ") else { return nil }
        self.text = text
        action = what.hasSuffix("publish to ") ? .publish : .subscribe
        subject = String(parts[1])
    }

    var error: TransportError { TransportError(.forbidden, "the NATS server does not permit it (\(text))") }
}
