public import HTTPTypes

/// What browsers may do with answers to pages of other origins.
public struct CORSOptions: Sendable {
    /// Whose pages may.
    public enum Origins: Sendable, Hashable {
        /// Everybody's: `*`.
        case all
        /// The origin that asks, whichever it is. Needed together with ``CORSOptions/allowsCredentials``.
        case asking
        /// These, such as `https://shop.example`.
        case only([String])
    }

    /// Whose pages may.
    public var origins: Origins
    /// With which methods.
    public var methods: [HTTPRequest.Method] = [.get, .head, .put, .patch, .post, .delete]
    /// With which headers of the request.
    public var headers: [HTTPField.Name] = [.accept, .authorization, .contentType, .origin]
    /// Which headers of the answer a page may read.
    public var exposedHeaders: [HTTPField.Name] = []
    /// Whether cookies and credentials are sent along.
    public var allowsCredentials = false
    /// How long a browser may keep the answer to its question.
    public var maxAge: Duration?

    /// These origins, with the defaults above.
    public init(origins: Origins = .all) { self.origins = origins }
}
