import NIOCore

/// `grpc.health.v1.Health`: the readiness of the application.
extension ServerConnection {
    private static let services: Set<String> = [
        "", GRPCMethod.service, GRPCMethod.health, GRPCMethod.reflectionService, GRPCMethod.reflectionAlphaService,
    ]

    func checkHealth(_ stream: ServerStream, _ frame: ByteBuffer) {
        letGo(of: stream)
        guard let service = HealthQuestion.service(frame) else {
            return refuse(stream, GRPCStatus(.invalidArgument, "the request is no protobuf message"))
        }
        guard Self.services.contains(service) else {
            return refuse(stream, GRPCStatus(.notFound, "there is no service of this name"))
        }
        stream.task = Task.immediate(executorPreference: shared.executor) {
            let state = HealthState(await self.services.health.isServing())
            guard !stream.isClosed, !stream.isAnswered else { return }
            self.say(state, stream)
            self.end(stream, .ok)
        }
    }

    func watchHealth(_ stream: ServerStream, _ frame: ByteBuffer) {
        letGo(of: stream)
        guard let service = HealthQuestion.service(frame) else {
            return refuse(stream, GRPCStatus(.invalidArgument, "the request is no protobuf message"))
        }
        guard drainStep == .none else { return finish(stream, Self.going) }
        stream.isKnownService = Self.services.contains(service)
        watchers.add(stream, on: loop) { [weak self] in self?.look() }
        guard stream.isKnownService else { return say(.serviceUnknown, stream) }
        look()
    }

    /// Nobody waits for the next call of a service that goes.
    func endWatches() {
        for stream in watchers.streams.values {
            if stream.isKnownService { say(.notServing, stream) }
            finish(stream, Self.going)
        }
    }

    private static let going = GRPCStatus(.unavailable, "the server shuts down", name: .disconnected)

    private func look() {
        guard !watchers.isLooking else { return }
        watchers.isLooking = true
        watchers.look = Task.immediate(executorPreference: shared.executor) {
            let state = HealthState(await self.services.health.isServing())
            self.watchers.isLooking = false
            for stream in self.watchers.streams.values where stream.isKnownService { self.say(state, stream) }
        }
    }

    /// Says something new. One who does not listen is told the latest, once he does.
    private func say(_ state: HealthState, _ stream: ServerStream) {
        guard !stream.isClosed, !stream.isAnswered, stream.lastHealth != state else { return }
        guard stream.outbox.readableBytes == 0 else { return }
        stream.lastHealth = state
        state.write(to: &stream.outbox)
        stream.wrote(stream.outbox.readableBytes)
        show(stream)
    }
}
