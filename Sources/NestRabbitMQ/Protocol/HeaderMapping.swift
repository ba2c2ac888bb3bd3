/// From headers of ours to those of AMQP, and back.
enum HeaderMapping {
    /// Longer names, and more bytes than this, stay in the envelope.
    private static let nameLimit = 128
    private static let byteLimit = 32_768

    /// Takes the headers out of a message that can travel as AMQP's own.
    static func carry(_ message: inout OutgoingMessage) -> AMQPTable {
        guard !message.ownHeaders.isEmpty else { return [:] }
        var fields: [AMQPTable.Field] = []
        var bytes = 0
        for header in message.ownHeaders {
            bytes += header.name.utf8.count + header.value.utf8.count
            guard (1...nameLimit).contains(header.name.utf8.count), bytes <= byteLimit else { continue }
            fields.append(AMQPTable.Field(name: header.name, value: .text(header.value)))
        }
        for field in fields { message.ownHeaders[field.name] = nil }
        return AMQPTable(fields)
    }

    /// Headers as AMQP's own: those of a dead letter. What is too long is cut.
    static func table(_ headers: MessageHeaders) -> AMQPTable {
        AMQPTable(
            headers.filter { (1...nameLimit).contains($0.name.utf8.count) }.map {
                AMQPTable.Field(name: $0.name, value: .text(String($0.value.prefix(4_096))))
            })
    }

    /// The headers of a delivery that are a message's. What the broker notes in there is not.
    static func headers(_ table: AMQPTable) -> MessageHeaders {
        MessageHeaders(
            table.compactMap { field in
                guard !isBrokers(field.name), let text = field.value.text else { return nil }
                return (field.name, text)
            })
    }

    /// What the broker writes into the headers of a message that it moves or delivers again. It must not be sent back to
    /// it: it would count on from there.
    static func isBrokers(_ name: String) -> Bool {
        name == deliveryCount || name == "x-acquired-count" || name == "x-death" || name.hasPrefix("x-first-death-")
            || name.hasPrefix("x-last-death-")
    }

    /// What a dead letter of ours is called.
    static let deadID = "nest-dead-id"

    /// How often a quorum queue has delivered the message before.
    static let deliveryCount = "x-delivery-count"
}
