import common = require('@temporalio/common');

/** Moves messages and stacks of failures into a payload, which codecs encrypt. */
const failureConverter = new common.DefaultFailureConverter({ encodeCommonAttributes: true });

export = { failureConverter };
