import Foundation

/// The descriptors of what is served, as `protoc --descriptor_set_out` makes them of the files in `Proto`.
enum FileDescriptors {
    struct File: Sendable {
        let name: String
        /// What it declares that may be asked for, fully named.
        let symbols: Set<String>
        /// A `FileDescriptorProto`.
        let bytes: [UInt8]

        init(_ name: String, _ symbols: Set<String>, _ base64: String) {
            self.name = name
            self.symbols = symbols
            bytes = Data(base64Encoded: base64, options: .ignoreUnknownCharacters).map { Array($0) } ?? []
        }
    }

    static let all = [nest, health, reflection, reflectionAlpha]

    private static let nest = File(
        "nest.proto",
        [
            "nestrs.microservices.SendRequest", "nestrs.microservices.SendRequest.pattern",
            "nestrs.microservices.SendRequest.payload_json", "nestrs.microservices.SendResponse",
            "nestrs.microservices.SendResponse.ok", "nestrs.microservices.SendResponse.payload_json",
            "nestrs.microservices.SendResponse.error_message", "nestrs.microservices.SendResponse.error_details_json",
            "nestrs.microservices.SendResponse.has_error_details", "nestrs.microservices.SendResponse.error_code",
            "nestrs.microservices.EmitRequest", "nestrs.microservices.EmitRequest.pattern",
            "nestrs.microservices.EmitRequest.payload_json", "nestrs.microservices.EmitResponse",
            "nestrs.microservices.EmitResponse.ok", "nestrs.microservices.EmitResponse.error_message",
            "nestrs.microservices.EmitResponse.error_details_json",
            "nestrs.microservices.EmitResponse.has_error_details", "nestrs.microservices.EmitResponse.error_code",
            "nestrs.microservices.Microservice", "nestrs.microservices.Microservice.Send",
            "nestrs.microservices.Microservice.Emit", "nestrs.microservices.Microservice.SendStream",
        ],
        """
        CgpuZXN0LnByb3RvEhRuZXN0cnMubWljcm9zZXJ2aWNlcyJKCgtTZW5kUmVxdWVzdBIYCgdwYXR0ZXJuGAEgASgJUgdwYXR0ZXJuEiEKDHBh
        eWxvYWRfanNvbhgCIAEoDFILcGF5bG9hZEpzb24i3wEKDFNlbmRSZXNwb25zZRIOCgJvaxgBIAEoCFICb2sSIQoMcGF5bG9hZF9qc29uGAIg
        ASgMUgtwYXlsb2FkSnNvbhIjCg1lcnJvcl9tZXNzYWdlGAMgASgJUgxlcnJvck1lc3NhZ2USLAoSZXJyb3JfZGV0YWlsc19qc29uGAQgASgM
        UhBlcnJvckRldGFpbHNKc29uEioKEWhhc19lcnJvcl9kZXRhaWxzGAUgASgIUg9oYXNFcnJvckRldGFpbHMSHQoKZXJyb3JfY29kZRgGIAEo
        CVIJZXJyb3JDb2RlIkoKC0VtaXRSZXF1ZXN0EhgKB3BhdHRlcm4YASABKAlSB3BhdHRlcm4SIQoMcGF5bG9hZF9qc29uGAIgASgMUgtwYXls
        b2FkSnNvbiK8AQoMRW1pdFJlc3BvbnNlEg4KAm9rGAEgASgIUgJvaxIjCg1lcnJvcl9tZXNzYWdlGAIgASgJUgxlcnJvck1lc3NhZ2USLAoS
        ZXJyb3JfZGV0YWlsc19qc29uGAMgASgMUhBlcnJvckRldGFpbHNKc29uEioKEWhhc19lcnJvcl9kZXRhaWxzGAQgASgIUg9oYXNFcnJvckRl
        dGFpbHMSHQoKZXJyb3JfY29kZRgFIAEoCVIJZXJyb3JDb2RlMoMCCgxNaWNyb3NlcnZpY2USTQoEU2VuZBIhLm5lc3Rycy5taWNyb3NlcnZp
        Y2VzLlNlbmRSZXF1ZXN0GiIubmVzdHJzLm1pY3Jvc2VydmljZXMuU2VuZFJlc3BvbnNlEk0KBEVtaXQSIS5uZXN0cnMubWljcm9zZXJ2aWNl
        cy5FbWl0UmVxdWVzdBoiLm5lc3Rycy5taWNyb3NlcnZpY2VzLkVtaXRSZXNwb25zZRJVCgpTZW5kU3RyZWFtEiEubmVzdHJzLm1pY3Jvc2Vy
        dmljZXMuU2VuZFJlcXVlc3QaIi5uZXN0cnMubWljcm9zZXJ2aWNlcy5TZW5kUmVzcG9uc2UwAWIGcHJvdG8z
        """)

    private static let health = File(
        "health.proto",
        [
            "grpc.health.v1.HealthCheckRequest", "grpc.health.v1.HealthCheckRequest.service",
            "grpc.health.v1.HealthCheckResponse", "grpc.health.v1.HealthCheckResponse.status",
            "grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc.health.v1.Health",
            "grpc.health.v1.Health.Check", "grpc.health.v1.Health.Watch",
        ],
        """
        CgxoZWFsdGgucHJvdG8SDmdycGMuaGVhbHRoLnYxIi4KEkhlYWx0aENoZWNrUmVxdWVzdBIYCgdzZXJ2aWNlGAEgASgJUgdzZXJ2aWNlIrEB
        ChNIZWFsdGhDaGVja1Jlc3BvbnNlEkkKBnN0YXR1cxgBIAEoDjIxLmdycGMuaGVhbHRoLnYxLkhlYWx0aENoZWNrUmVzcG9uc2UuU2Vydmlu
        Z1N0YXR1c1IGc3RhdHVzIk8KDVNlcnZpbmdTdGF0dXMSCwoHVU5LTk9XThAAEgsKB1NFUlZJTkcQARIPCgtOT1RfU0VSVklORxACEhMKD1NF
        UlZJQ0VfVU5LTk9XThADMq4BCgZIZWFsdGgSUAoFQ2hlY2sSIi5ncnBjLmhlYWx0aC52MS5IZWFsdGhDaGVja1JlcXVlc3QaIy5ncnBjLmhl
        YWx0aC52MS5IZWFsdGhDaGVja1Jlc3BvbnNlElIKBVdhdGNoEiIuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXF1ZXN0GiMuZ3JwYy5o
        ZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXNwb25zZTABYgZwcm90bzM=
        """)

    private static let reflection = File(
        "reflection_v1.proto",
        [
            "grpc.reflection.v1.ServerReflectionRequest", "grpc.reflection.v1.ServerReflectionRequest.host",
            "grpc.reflection.v1.ServerReflectionRequest.file_by_filename",
            "grpc.reflection.v1.ServerReflectionRequest.file_containing_symbol",
            "grpc.reflection.v1.ServerReflectionRequest.file_containing_extension",
            "grpc.reflection.v1.ServerReflectionRequest.all_extension_numbers_of_type",
            "grpc.reflection.v1.ServerReflectionRequest.list_services", "grpc.reflection.v1.ExtensionRequest",
            "grpc.reflection.v1.ExtensionRequest.containing_type",
            "grpc.reflection.v1.ExtensionRequest.extension_number", "grpc.reflection.v1.ServerReflectionResponse",
            "grpc.reflection.v1.ServerReflectionResponse.valid_host",
            "grpc.reflection.v1.ServerReflectionResponse.original_request",
            "grpc.reflection.v1.ServerReflectionResponse.file_descriptor_response",
            "grpc.reflection.v1.ServerReflectionResponse.all_extension_numbers_response",
            "grpc.reflection.v1.ServerReflectionResponse.list_services_response",
            "grpc.reflection.v1.ServerReflectionResponse.error_response", "grpc.reflection.v1.FileDescriptorResponse",
            "grpc.reflection.v1.FileDescriptorResponse.file_descriptor_proto",
            "grpc.reflection.v1.ExtensionNumberResponse", "grpc.reflection.v1.ExtensionNumberResponse.base_type_name",
            "grpc.reflection.v1.ExtensionNumberResponse.extension_number", "grpc.reflection.v1.ListServiceResponse",
            "grpc.reflection.v1.ListServiceResponse.service", "grpc.reflection.v1.ServiceResponse",
            "grpc.reflection.v1.ServiceResponse.name", "grpc.reflection.v1.ErrorResponse",
            "grpc.reflection.v1.ErrorResponse.error_code", "grpc.reflection.v1.ErrorResponse.error_message",
            "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1.ServerReflection.ServerReflectionInfo",
        ],
        """
        ChNyZWZsZWN0aW9uX3YxLnByb3RvEhJncnBjLnJlZmxlY3Rpb24udjEi8wIKF1NlcnZlclJlZmxlY3Rpb25SZXF1ZXN0EhIKBGhvc3QYASAB
        KAlSBGhvc3QSKgoQZmlsZV9ieV9maWxlbmFtZRgDIAEoCUgAUg5maWxlQnlGaWxlbmFtZRI2ChZmaWxlX2NvbnRhaW5pbmdfc3ltYm9sGAQg
        ASgJSABSFGZpbGVDb250YWluaW5nU3ltYm9sEmIKGWZpbGVfY29udGFpbmluZ19leHRlbnNpb24YBSABKAsyJC5ncnBjLnJlZmxlY3Rpb24u
        djEuRXh0ZW5zaW9uUmVxdWVzdEgAUhdmaWxlQ29udGFpbmluZ0V4dGVuc2lvbhJCCh1hbGxfZXh0ZW5zaW9uX251bWJlcnNfb2ZfdHlwZRgG
        IAEoCUgAUhlhbGxFeHRlbnNpb25OdW1iZXJzT2ZUeXBlEiUKDWxpc3Rfc2VydmljZXMYByABKAlIAFIMbGlzdFNlcnZpY2VzQhEKD21lc3Nh
        Z2VfcmVxdWVzdCJmChBFeHRlbnNpb25SZXF1ZXN0EicKD2NvbnRhaW5pbmdfdHlwZRgBIAEoCVIOY29udGFpbmluZ1R5cGUSKQoQZXh0ZW5z
        aW9uX251bWJlchgCIAEoBVIPZXh0ZW5zaW9uTnVtYmVyIq4EChhTZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2USHQoKdmFsaWRfaG9zdBgBIAEo
        CVIJdmFsaWRIb3N0ElYKEG9yaWdpbmFsX3JlcXVlc3QYAiABKAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuU2VydmVyUmVmbGVjdGlvblJlcXVl
        c3RSD29yaWdpbmFsUmVxdWVzdBJmChhmaWxlX2Rlc2NyaXB0b3JfcmVzcG9uc2UYBCABKAsyKi5ncnBjLnJlZmxlY3Rpb24udjEuRmlsZURl
        c2NyaXB0b3JSZXNwb25zZUgAUhZmaWxlRGVzY3JpcHRvclJlc3BvbnNlEnIKHmFsbF9leHRlbnNpb25fbnVtYmVyc19yZXNwb25zZRgFIAEo
        CzIrLmdycGMucmVmbGVjdGlvbi52MS5FeHRlbnNpb25OdW1iZXJSZXNwb25zZUgAUhthbGxFeHRlbnNpb25OdW1iZXJzUmVzcG9uc2USXwoW
        bGlzdF9zZXJ2aWNlc19yZXNwb25zZRgGIAEoCzInLmdycGMucmVmbGVjdGlvbi52MS5MaXN0U2VydmljZVJlc3BvbnNlSABSFGxpc3RTZXJ2
        aWNlc1Jlc3BvbnNlEkoKDmVycm9yX3Jlc3BvbnNlGAcgASgLMiEuZ3JwYy5yZWZsZWN0aW9uLnYxLkVycm9yUmVzcG9uc2VIAFINZXJyb3JS
        ZXNwb25zZUISChBtZXNzYWdlX3Jlc3BvbnNlIkwKFkZpbGVEZXNjcmlwdG9yUmVzcG9uc2USMgoVZmlsZV9kZXNjcmlwdG9yX3Byb3RvGAEg
        AygMUhNmaWxlRGVzY3JpcHRvclByb3RvImoKF0V4dGVuc2lvbk51bWJlclJlc3BvbnNlEiQKDmJhc2VfdHlwZV9uYW1lGAEgASgJUgxiYXNl
        VHlwZU5hbWUSKQoQZXh0ZW5zaW9uX251bWJlchgCIAMoBVIPZXh0ZW5zaW9uTnVtYmVyIlQKE0xpc3RTZXJ2aWNlUmVzcG9uc2USPQoHc2Vy
        dmljZRgBIAMoCzIjLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2aWNlUmVzcG9uc2VSB3NlcnZpY2UiJQoPU2VydmljZVJlc3BvbnNlEhIKBG5h
        bWUYASABKAlSBG5hbWUiUwoNRXJyb3JSZXNwb25zZRIdCgplcnJvcl9jb2RlGAEgASgFUgllcnJvckNvZGUSIwoNZXJyb3JfbWVzc2FnZRgC
        IAEoCVIMZXJyb3JNZXNzYWdlMokBChBTZXJ2ZXJSZWZsZWN0aW9uEnUKFFNlcnZlclJlZmxlY3Rpb25JbmZvEisuZ3JwYy5yZWZsZWN0aW9u
        LnYxLlNlcnZlclJlZmxlY3Rpb25SZXF1ZXN0GiwuZ3JwYy5yZWZsZWN0aW9uLnYxLlNlcnZlclJlZmxlY3Rpb25SZXNwb25zZSgBMAFiBnBy
        b3RvMw==
        """)

    private static let reflectionAlpha = File(
        "reflection_v1alpha.proto",
        [
            "grpc.reflection.v1alpha.ServerReflectionRequest", "grpc.reflection.v1alpha.ServerReflectionRequest.host",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_by_filename",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_containing_symbol",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_containing_extension",
            "grpc.reflection.v1alpha.ServerReflectionRequest.all_extension_numbers_of_type",
            "grpc.reflection.v1alpha.ServerReflectionRequest.list_services",
            "grpc.reflection.v1alpha.ExtensionRequest", "grpc.reflection.v1alpha.ExtensionRequest.containing_type",
            "grpc.reflection.v1alpha.ExtensionRequest.extension_number",
            "grpc.reflection.v1alpha.ServerReflectionResponse",
            "grpc.reflection.v1alpha.ServerReflectionResponse.valid_host",
            "grpc.reflection.v1alpha.ServerReflectionResponse.original_request",
            "grpc.reflection.v1alpha.ServerReflectionResponse.file_descriptor_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.all_extension_numbers_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.list_services_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.error_response",
            "grpc.reflection.v1alpha.FileDescriptorResponse",
            "grpc.reflection.v1alpha.FileDescriptorResponse.file_descriptor_proto",
            "grpc.reflection.v1alpha.ExtensionNumberResponse",
            "grpc.reflection.v1alpha.ExtensionNumberResponse.base_type_name",
            "grpc.reflection.v1alpha.ExtensionNumberResponse.extension_number",
            "grpc.reflection.v1alpha.ListServiceResponse", "grpc.reflection.v1alpha.ListServiceResponse.service",
            "grpc.reflection.v1alpha.ServiceResponse", "grpc.reflection.v1alpha.ServiceResponse.name",
            "grpc.reflection.v1alpha.ErrorResponse", "grpc.reflection.v1alpha.ErrorResponse.error_code",
            "grpc.reflection.v1alpha.ErrorResponse.error_message", "grpc.reflection.v1alpha.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
        ],
        """
        ChhyZWZsZWN0aW9uX3YxYWxwaGEucHJvdG8SF2dycGMucmVmbGVjdGlvbi52MWFscGhhIvgCChdTZXJ2ZXJSZWZsZWN0aW9uUmVxdWVzdBIS
        CgRob3N0GAEgASgJUgRob3N0EioKEGZpbGVfYnlfZmlsZW5hbWUYAyABKAlIAFIOZmlsZUJ5RmlsZW5hbWUSNgoWZmlsZV9jb250YWluaW5n
        X3N5bWJvbBgEIAEoCUgAUhRmaWxlQ29udGFpbmluZ1N5bWJvbBJnChlmaWxlX2NvbnRhaW5pbmdfZXh0ZW5zaW9uGAUgASgLMikuZ3JwYy5y
        ZWZsZWN0aW9uLnYxYWxwaGEuRXh0ZW5zaW9uUmVxdWVzdEgAUhdmaWxlQ29udGFpbmluZ0V4dGVuc2lvbhJCCh1hbGxfZXh0ZW5zaW9uX251
        bWJlcnNfb2ZfdHlwZRgGIAEoCUgAUhlhbGxFeHRlbnNpb25OdW1iZXJzT2ZUeXBlEiUKDWxpc3Rfc2VydmljZXMYByABKAlIAFIMbGlzdFNl
        cnZpY2VzQhEKD21lc3NhZ2VfcmVxdWVzdCJmChBFeHRlbnNpb25SZXF1ZXN0EicKD2NvbnRhaW5pbmdfdHlwZRgBIAEoCVIOY29udGFpbmlu
        Z1R5cGUSKQoQZXh0ZW5zaW9uX251bWJlchgCIAEoBVIPZXh0ZW5zaW9uTnVtYmVyIscEChhTZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2USHQoK
        dmFsaWRfaG9zdBgBIAEoCVIJdmFsaWRIb3N0ElsKEG9yaWdpbmFsX3JlcXVlc3QYAiABKAsyMC5ncnBjLnJlZmxlY3Rpb24udjFhbHBoYS5T
        ZXJ2ZXJSZWZsZWN0aW9uUmVxdWVzdFIPb3JpZ2luYWxSZXF1ZXN0EmsKGGZpbGVfZGVzY3JpcHRvcl9yZXNwb25zZRgEIAEoCzIvLmdycGMu
        cmVmbGVjdGlvbi52MWFscGhhLkZpbGVEZXNjcmlwdG9yUmVzcG9uc2VIAFIWZmlsZURlc2NyaXB0b3JSZXNwb25zZRJ3Ch5hbGxfZXh0ZW5z
        aW9uX251bWJlcnNfcmVzcG9uc2UYBSABKAsyMC5ncnBjLnJlZmxlY3Rpb24udjFhbHBoYS5FeHRlbnNpb25OdW1iZXJSZXNwb25zZUgAUhth
        bGxFeHRlbnNpb25OdW1iZXJzUmVzcG9uc2USZAoWbGlzdF9zZXJ2aWNlc19yZXNwb25zZRgGIAEoCzIsLmdycGMucmVmbGVjdGlvbi52MWFs
        cGhhLkxpc3RTZXJ2aWNlUmVzcG9uc2VIAFIUbGlzdFNlcnZpY2VzUmVzcG9uc2USTwoOZXJyb3JfcmVzcG9uc2UYByABKAsyJi5ncnBjLnJl
        ZmxlY3Rpb24udjFhbHBoYS5FcnJvclJlc3BvbnNlSABSDWVycm9yUmVzcG9uc2VCEgoQbWVzc2FnZV9yZXNwb25zZSJMChZGaWxlRGVzY3Jp
        cHRvclJlc3BvbnNlEjIKFWZpbGVfZGVzY3JpcHRvcl9wcm90bxgBIAMoDFITZmlsZURlc2NyaXB0b3JQcm90byJqChdFeHRlbnNpb25OdW1i
        ZXJSZXNwb25zZRIkCg5iYXNlX3R5cGVfbmFtZRgBIAEoCVIMYmFzZVR5cGVOYW1lEikKEGV4dGVuc2lvbl9udW1iZXIYAiADKAVSD2V4dGVu
        c2lvbk51bWJlciJZChNMaXN0U2VydmljZVJlc3BvbnNlEkIKB3NlcnZpY2UYASADKAsyKC5ncnBjLnJlZmxlY3Rpb24udjFhbHBoYS5TZXJ2
        aWNlUmVzcG9uc2VSB3NlcnZpY2UiJQoPU2VydmljZVJlc3BvbnNlEhIKBG5hbWUYASABKAlSBG5hbWUiUwoNRXJyb3JSZXNwb25zZRIdCgpl
        cnJvcl9jb2RlGAEgASgFUgllcnJvckNvZGUSIwoNZXJyb3JfbWVzc2FnZRgCIAEoCVIMZXJyb3JNZXNzYWdlMpMBChBTZXJ2ZXJSZWZsZWN0
        aW9uEn8KFFNlcnZlclJlZmxlY3Rpb25JbmZvEjAuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuU2VydmVyUmVmbGVjdGlvblJlcXVlc3QaMS5n
        cnBjLnJlZmxlY3Rpb24udjFhbHBoYS5TZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2UoATABYgZwcm90bzM=
        """)
}
