import NIOCore

/// Answers that are streams.
extension MessageIntake {
    /// A reader may be slow: the stream gives its place in the server back.
    @usableFromInline package func answer(with stream: PayloadStream, to message: IncomingMessage, _ run: Int) async {
        let state = self.state
        guard let credit = message.streamCredit, !message.replyRange.isEmpty else {
            let outcome = await state.dispatcher.collect(stream, for: message)
            if state.phase != .closed { carryOut(outcome, message) }
            return state.inFlight -= 1
        }
        state.inFlight -= 1
        await send(stream, for: message, credit: credit, run)
        if state.phase != .closed { carryOut(.done, message) }
    }

    /// Sends a handler's stream item by item, as its reader grants credit.
    private func send(_ stream: PayloadStream, for message: IncomingMessage, credit initial: Int, _ run: Int) async {
        let state = self.state
        guard state.streams.count < state.limits.maxStreams else {
            let error = TransportError(.overloaded, "too many streams are open")
            return write(.reply(.failure(error)), to: message, stream: nil)
        }
        state.lastStream += 1
        let number = state.lastStream
        let credit = StreamCredit(initial)
        state.streams[number] = OpenStream(credit: credit, run: run, message: message)
        watchStreams()
        var sent = 0
        await state.dispatcher.pull(stream, for: message, credit: credit) { response in
            guard state.phase != .closed, canStream else { return }
            state.streams[number]?.isQuiet = false
            write(response, to: message, stream: number)
            sent += 1
            await waitForRoom()
            if sent % IntakeState.streamBurst == 0 { await Task.yield() }
        }
        state.streams[number] = nil
        watchStreams()
    }

    /// What a reader says about its stream. One that has ended meanwhile hears nothing of it.
    package func tell(_ control: StreamControl, _ number: UInt64) {
        guard let stream = state.streams[number] else { return }
        switch control {
        case .credit(let count): stream.credit.grant(count)
        case .cancel: cancel(stream)
        }
    }

    /// Nobody can be reached any more: the readers are told that their streams are broken.
    package func cancelStreams() {
        for stream in state.streams.values { cancel(stream) }
    }

    private func cancel(_ stream: OpenStream) {
        stream.credit.cancel()
        state.suspended[stream.run]?.task.cancel()
    }
}

// MARK: - Quiet ones

extension IntakeState {
    /// Items sent in one go, however much credit there is; then others have their turn.
    static let streamBurst = 64
}

extension MessageIntake {
    private func watchStreams() {
        let state = self.state
        if state.streams.isEmpty {
            state.prober?.cancel()
            state.prober = nil
        } else if state.prober == nil {
            state.prober = state.timers.scheduleRepeatedTask(initialDelay: .seconds(2), delay: .seconds(2)) {
                [weak self] _ in
                guard let self else { return }
                self.state.loop.execute { self.probeQuietStreams() }
            }
        }
    }

    /// Tells all readers where they are heard from now on.
    package func probeStreams() {
        for (number, stream) in state.streams { probe(number, of: stream.message) }
    }

    /// Streams that have stood still since the last time may have lost their reader.
    package func probeQuietStreams() {
        for (number, stream) in state.streams {
            state.streams[number]?.isQuiet = true
            if stream.isQuiet { probe(number, of: stream.message) }
        }
    }
}
