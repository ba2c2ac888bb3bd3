import NIOCore

/// Where deliveries come from, and what is said about them there: a stream or a list. Touched on the intake's loop only.
protocol RedisSource: AnyObject, Sendable {
    /// Its key in Redis.
    var key: String { get }

    /// Something was asked for and has not come.
    var isAsking: Bool { get }

    /// Makes in Redis what is needed. Before messages come; `isAgain`: after a cut.
    func prepare(_ session: RedisSession, isAgain: Bool) async throws(TransportError)
    /// Takes deliveries over this connection from now on.
    func begin(_ session: RedisSession, _ reader: RedisSession.Reader)
    /// The connections are gone.
    func lost()
    /// Asks for as many as there are places, unless that was done.
    func ask()
    /// Asks for nothing more; what was asked for is taken back.
    func stop()
    /// Says what has been collected.
    func speak()
    /// Looks after those who are dead, and after the source itself.
    func look()
    /// The server ends: nobody of this name comes again.
    func leave()

    func acknowledge(_ delivery: RedisDelivery)
    /// It was kept as a dead letter.
    func buried(_ delivery: RedisDelivery)
    func giveBack(_ held: HeldDelivery<RedisDelivery>)
    /// It rests until its next try.
    func rest(_ held: HeldDelivery<RedisDelivery>)
    func keepAlive(_ held: [HeldDelivery<RedisDelivery>])
    /// Keeps it as a dead letter with these fields, and finishes it.
    func bury(
        _ held: HeldDelivery<RedisDelivery>, _ fields: [(String, ByteBuffer)],
        _ done: @escaping @Sendable (PendingReplies.Reply) -> Void
    ) -> Bool
}
