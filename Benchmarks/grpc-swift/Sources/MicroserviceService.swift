import Foundation
import GRPCCore

/// `nestrs.microservices.Microservice/Send` with the patterns `echo`, which passes bytes through, `echo.message` and
/// `echo.typed`, which decode and encode.
struct MicroserviceService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: "nestrs.microservices.Microservice", method: "Send"),
            deserializer: SendRequest.Deserializer(), serializer: SendResponse.Serializer()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            let payload = try Self.answer(request.message)
            return StreamingServerResponse(
                single: ServerResponse(message: SendResponse(payload: payload), metadata: [:]))
        }
    }

    private static func answer(_ request: SendRequest) throws -> [UInt8] {
        switch request.pattern {
        case "echo": request.payload
        case "echo.message", "echo.typed":
            try Array(JSONEncoder().encode(JSONDecoder().decode(TypedEcho.self, from: Data(request.payload))))
        default: throw RPCError(code: .notFound, message: "no handler for \(request.pattern)")
        }
    }
}

/// The payload of `echo.message` and `echo.typed`, as in `nest-peer`.
struct TypedEcho: Codable {
    var id: Int
    var sku: String
    var quantity: Int
    var price: Double
    var note: String
    var tags: [String]
}
