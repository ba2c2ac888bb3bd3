import NIOCore

/// `ServerReflectionRequest` and its answers: the same in `v1` and `v1alpha`.
enum ReflectionMessages {
    enum Question: Equatable {
        case fileNamed(String)
        case fileContaining(String)
        case services
        /// Something about extensions, of which there are none.
        case extensions
        case nothing
    }

    /// Nil for what is no request.
    static func question(_ frame: ByteBuffer) -> Question? {
        frame.withUnsafeReadableBytes { bytes -> Question? in
            var reader = ProtobufReader(bytes)
            var question = Question.nothing
            do throws(ProtobufReader.Failure) {
                while let field = try reader.next() {
                    guard (3...7).contains(field.number), let range = try reader.range(of: field) else {
                        if !(3...7).contains(field.number) { try reader.skip(field.kind) }
                        continue
                    }
                    question = try Self.question(field.number, range, reader)
                }
                return question
            } catch {
                return nil
            }
        }
    }

    private static func question(
        _ number: UInt64, _ range: Range<Int>, _ reader: ProtobufReader
    ) throws(ProtobufReader.Failure) -> Question {
        switch number {
        case 3: .fileNamed(try reader.string(range))
        case 4: .fileContaining(try reader.string(range))
        case 7: .services
        default: .extensions
        }
    }

    /// Appends the answer as one gRPC message.
    static func answer(_ question: Question, _ request: ByteBuffer, to buffer: inout ByteBuffer) {
        buffer.writeMessage { buffer in
            buffer.writeField(2, request)
            switch question {
            case .services: buffer.writeField(6, services)
            case .fileNamed(let name): write(FileDescriptors.all.first { $0.name == name }, name, &buffer)
            case .fileContaining(let symbol):
                write(FileDescriptors.all.first { $0.symbols.contains(symbol) }, symbol, &buffer)
            case .extensions: buffer.writeField(7, error(.notFound, "there are no extensions"))
            case .nothing: buffer.writeField(7, error(.invalidArgument, "nothing is asked"))
            }
        }
    }

    private static func write(_ file: FileDescriptors.File?, _ name: String, _ buffer: inout ByteBuffer) {
        guard let file else { return buffer.writeField(7, error(.notFound, "not found: \(name)")) }
        var response = ByteBuffer()
        response.writeField(1, ByteBuffer(bytes: file.bytes))
        buffer.writeField(4, response)
    }

    private static var services: ByteBuffer {
        var list = ByteBuffer()
        let names = [
            GRPCMethod.health, GRPCMethod.reflectionService, GRPCMethod.reflectionAlphaService, GRPCMethod.service,
        ]
        for name in names {
            var service = ByteBuffer()
            service.writeField(1, name)
            list.writeField(1, service)
        }
        return list
    }

    private static func error(_ code: GRPCStatus.Code, _ message: String) -> ByteBuffer {
        var error = ByteBuffer()
        error.writeField(1, UInt64(code.rawValue))
        error.writeField(2, message)
        return error
    }
}
