/// Asks again and again until the answer is as wanted, ten seconds at most; the last answer.
func waitFor<Value: Sendable>(
    _ value: () async throws -> Value, until isMet: (Value) -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(10)
    while true {
        let found = try await value()
        if isMet(found) || ContinuousClock.now > end { return found }
        await Task.yield()
    }
}
