import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Serves one connection: Hummingbird's loop over its requests, in a pipeline of ours.
struct HTTPChild: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let connection: HTTPConnection
    let options: HTTPOptions
    let responder: Responder

    init(connection: HTTPConnection, options: HTTPOptions, front: HTTPFront) {
        self.connection = connection
        self.options = options
        responder = { request, writer, channel in
            let answer = await front.answer(request, connection)
            do {
                try await AnswerWriting.write(answer, to: writer, isHead: request.method == .head)
            } catch {
                AnswerWriting.report(error, request, front.logger)
                if connection.isGivenUp { try? await channel.closeFuture.get() }
                throw error
            }
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture { try makePipeline(channel) }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }

    /// On the channel's event loop.
    func makePipeline(_ channel: any Channel) throws -> Value {
        let handler = ConnectionHandler(connection: connection, timeouts: ConnectionTimeouts(options))
        connection.attach(handler)
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = options.maxHeaderSize
        limits.maxHeaderListSize = options.maxHeaderSize
        limits.maxHeaderFieldCount = options.maxHeaderCount
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(handler.front)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
        try pipeline.addHandler(VersionWatch(handler))
        if let compression = options.compression { try pipeline.addHandler(compression.handler()) }
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: options.tls != nil))
        try pipeline.addHandler(handler)
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
}

extension CompressionOptions {
    fileprivate func handler() -> HTTPResponseCompressor {
        HTTPResponseCompressor { head, isAsked in
            guard isWorthIt(head) else { return .doNotCompress }
            head.headers.add(name: "vary", value: "accept-encoding")
            return isAsked ? .compressIfPossible : .doNotCompress
        }
    }

    private func isWorthIt(_ head: HTTPResponseHead) -> Bool {
        guard let type = head.headers.first(name: "content-type"), !type.hasPrefix("text/event-stream") else {
            return false
        }
        if head.headers.contains(name: "content-encoding") { return false }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length < minimumSize {
            return false
        }
        return contentTypes.contains { type.hasPrefix($0) }
    }
}
