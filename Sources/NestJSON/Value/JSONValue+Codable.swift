extension JSONValue: Codable {
    /// Reads any value. Other coders than ``JSONCodec`` do not hand out a number's digits; what they give is kept.
    public init(from decoder: any Decoder) throws {
        if let own = decoder as? JSONNodeDecoder {
            self = own.document.value(own.node)
            return
        }
        self = try ForeignJSON.value(from: decoder)
    }

    /// Writes the value. Other coders than ``JSONCodec`` get the number type that loses least.
    public func encode(to encoder: any Encoder) throws {
        if let own = encoder as? JSONValueEncoder { return try own.state.encode(self) }
        try ForeignJSON.encode(self, to: encoder)
    }
}
