import HTTPTypes

extension MessageHeaders {
    /// HTTP's header fields, with one value a name.
    init(joining fields: HTTPFields) {
        self.init()
        for field in fields {
            let name = field.name.rawName
            if let first = self[name] {
                self[name] = "\(first), \(field.value)"
            } else {
                self[name] = field.value
            }
        }
    }
}
