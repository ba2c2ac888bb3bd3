package import NIOCore

/// How deliveries are dealt with.
@usableFromInline
package struct DeliverySettings: Sendable {
    @usableFromInline package var policy: DeliveryPolicy
    /// How often the broker is told what is under way; nil when it does not want to know.
    package var keepAlive: Duration?
    /// Deliveries that are here at once, those included that rest or whose dead letter cannot be stored.
    @usableFromInline package var maxHeld: Int
    /// What has a key rests here until its next try, so that those of its key behind it do not overtake it.
    package var restsKeyed = true
    /// How long a confirmation may take.
    package var confirmationTimeout = TimeAmount.seconds(5)
    /// The first wait before a dead letter is stored again; it grows to ``longestPause``.
    package var pause = TimeAmount.milliseconds(500)
    package var longestPause = TimeAmount.seconds(5)

    package init(policy: DeliveryPolicy, keepAlive: Duration?, maxHeld: Int) {
        self.policy = policy
        self.keepAlive = keepAlive
        self.maxHeld = maxHeld
    }
}
