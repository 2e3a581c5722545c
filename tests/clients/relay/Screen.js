/* A list as Relay's components ask for one: pages by a connection, and each row again by its id. */

import { graphql } from 'relay-runtime';

export const query = graphql`
  query ScreenQuery($filter: CommissionFilter) {
    ...Screen_list @arguments(filter: $filter)
  }
`;

export const list = graphql`
  fragment Screen_list on Query
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
    filter: { type: "CommissionFilter" }
  )
  @refetchable(queryName: "ScreenPageQuery") {
    commissions(first: $count, after: $cursor, filter: $filter)
      @connection(key: "Screen_commissions", filters: ["filter"]) {
      edges {
        node {
          id
          status
          ...Screen_row
        }
      }
    }
  }
`;

export const row = graphql`
  fragment Screen_row on Commission @refetchable(queryName: "ScreenRowQuery") {
    number
    version
    goodsLines {
      hsCode
    }
  }
`;
