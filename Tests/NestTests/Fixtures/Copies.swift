import Foundation
import Nest

/// The JSON that the message writes itself.
func json(_ message: some JSONMessage) throws -> String {
    String(decoding: try JSONCodec().encode(message), as: UTF8.self)
}

func parse<Message: JSONMessage>(_ text: String, as type: Message.Type = Message.self) throws -> Message {
    try JSONCodec().decode(type, from: Array(text.utf8))
}

/// What comes back on all four ways through the message's own code and through `Codable`.
func copies<Message: JSONMessage>(of message: Message) throws -> [Message] {
    let own = try JSONCodec().encode(message)
    let foundation = [UInt8](try JSONEncoder().encode(message))
    return try [own, foundation].flatMap { bytes in
        [
            try JSONCodec().decode(Message.self, from: bytes),
            try JSONDecoder().decode(Message.self, from: Data(bytes)),
        ]
    }
}
